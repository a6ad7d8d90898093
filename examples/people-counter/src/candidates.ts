/** Which of the boxes that a detector proposes are people, each once? */
import { clampBox, iou, partInside } from './box.ts';
import type { Box } from './box.ts';

export interface Person {
  readonly box: Box;
  /** 0..1. */
  readonly confidence: number;
}

/** Below this even a person that is being followed is not believed to be there. */
const MIN_CONFIDENCE = 0.28;
/** Upright people are taller than this many widths, in pixels; cones, stones and torsos are not. */
const MIN_HEIGHT_PER_WIDTH = 1.4;
const SAME_PERSON_IOU = 0.5;
/** A head or a pair of legs found once more lies in the box of the whole person. */
const PART_OF_PERSON = 0.75;

/** `aspect` is the picture's width over its height. */
export function pickPeople(proposed: readonly Person[], aspect: number): Person[] {
  const upright = proposed
    .map(({ box, confidence }) => ({ box: clampBox(box), confidence }))
    .filter(({ box, confidence }) => confidence >= MIN_CONFIDENCE && isUpright(box, aspect))
    .sort((a, b) => b.confidence - a.confidence);
  const people: Person[] = [];
  for (const person of upright) {
    if (!people.some((surer) => isSamePerson(person.box, surer.box))) people.push(person);
  }
  return people;
}

function isUpright([, , w, h]: Box, aspect: number): boolean {
  return w > 0 && h / (w * aspect) >= MIN_HEIGHT_PER_WIDTH;
}

function isSamePerson(box: Box, surer: Box): boolean {
  return iou(box, surer) > SAME_PERSON_IOU || partInside(box, surer) > PART_OF_PERSON;
}
