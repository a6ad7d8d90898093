/** Writes the report anew, which accepts what has changed: `npm run api:report`. */
import { writeFile } from 'node:fs/promises';
import { renderApiReport, reportFile } from './report.ts';

await writeFile(reportFile, await renderApiReport());
