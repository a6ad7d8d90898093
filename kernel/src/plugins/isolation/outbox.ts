/** How do many small messages cross cheaply? Those of one turn of the event loop go together: between processes each crossing costs more than what it carries. */
import type { Message } from './peer.ts';

/**
 * Answers how to post. What was posted is sent when the running turn and its promises are through.
 * `refuse`: a message that can't be sent; the others of its turn are.
 */
export function createOutbox(
  send: (messages: readonly Message[]) => void,
  refuse: (message: Message, error: unknown) => void,
): (message: Message) => void {
  let waiting: Message[] = [];
  const flush = () => {
    const sending = waiting;
    waiting = [];
    try {
      send(sending);
    } catch {
      for (const message of sending) sendAlone(message);
    }
  };
  const sendAlone = (message: Message) => {
    try {
      send([message]);
    } catch (error) {
      refuse(message, error);
    }
  };
  return (message) => {
    waiting.push(message);
    if (waiting.length === 1) process.nextTick(flush);
  };
}
