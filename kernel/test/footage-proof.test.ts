/** Footage that survives kills, in the short form; the full one is `npm run proof:footage`. */
import { expect, test } from 'vitest';
import { randomOf } from './exactly-once/random.ts';
import { runFootageProof, tailLimitSeconds } from './footage-proof/run-proof.ts';

const seed = process.env['PROOF_SEED'] ?? 'short';

test(
  `killed at random (seed ${seed}), recorders and kernel lose less than a second, and leave everything in order`,
  { timeout: 240_000 },
  async () => {
    const { losses, rows, problems } = await runFootageProof({
      cameras: ['dense', 'muted'],
      kills: ['ffmpeg', 'kernel'],
      segmentSeconds: 4,
      random: randomOf(seed, 'footage'),
    });
    expect(problems).toEqual([]);
    expect(losses.length).toBeGreaterThanOrEqual(3);
    expect(Math.max(...losses.map(({ tailSeconds }) => tailSeconds))).toBeLessThanOrEqual(tailLimitSeconds);
    expect(rows).toBeGreaterThanOrEqual(6);
  },
);
