/** What does a stream need of the way to its client? */

/** Carries the RTP packets of one stream to one client, with their RTCP reports. */
export interface PacketChannel {
  /** The `Transport` header of the answer to SETUP. */
  readonly transportHeader: string;
  /** True when the client takes less than it is sent; frames then have to be left out. */
  isCongested(): boolean;
  /** Sends the packets of one frame, each in pieces that belong together. */
  sendRtp(packets: readonly (readonly Buffer[])[]): void;
  sendRtcp(packet: Buffer): void;
  /** Ends what `sendRtp` and `sendRtcp` use, after what is under way. */
  close(): Promise<void>;
}

/** What a channel tells its session. */
export interface ChannelEvents {
  /** The client sent something back. */
  alive(): void;
  /** The channel is gone and will not come back. */
  lost(): void;
}
