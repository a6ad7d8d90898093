/** An unordered collection whose members come and go thousands of times a second. */

/** The neighbours of a member; kept in the member, so that it is found and taken out without a table. */
export interface InBag {
  before: InBag | null;
  behind: InBag | null;
}

/**
 * Why not a Set: V8 makes it a new table whenever the old one is full of deleted slots, and the old one points to the new. An old table
 * that has moved to the old generation keeps every later one, and all that was in them, alive until the next full collection; an array
 * that grows and shrinks leaves such stores behind as well. A list that forgets its neighbours when it is left does not.
 */
export interface Bag<Member extends InBag> {
  readonly size: number;
  add(member: Member): void;
  /** `member` must be in the bag. */
  remove(member: Member): void;
  /** A copy. */
  all(): Member[];
}

export function createBag<Member extends InBag>(): Bag<Member> {
  const start: InBag = { before: null, behind: null };
  let size = 0;
  return {
    get size() {
      return size;
    },
    add(member) {
      member.before = start;
      member.behind = start.behind;
      if (start.behind !== null) start.behind.before = member;
      start.behind = member;
      size += 1;
    },
    remove(member) {
      if (member.before !== null) member.before.behind = member.behind;
      if (member.behind !== null) member.behind.before = member.before;
      member.before = null;
      member.behind = null;
      size -= 1;
    },
    all() {
      const members: Member[] = [];
      for (let member = start.behind; member !== null; member = member.behind) members.push(member as Member);
      return members;
    },
  };
}
