import { expect, test } from 'vitest';
import { readSteps } from './steps.ts';

const block = (info: string, text: string) => `\`\`\`${info}\n${text}\n\`\`\`\n`;

test('commands, their output, files and changes are steps in the order of the page', () => {
  const page = [
    block('sh', 'ls'),
    'prints\n',
    block('text', 'a'),
    block('ts src/a.ts', 'one();\n\ntwo();'),
    block('diff src/a.ts', '-one();\n+three();\n\n two();'),
    block('diff src/a.ts', ' two();\n+four();'),
    block('sh running', 'heldar dev'),
    block('text running', '● up'),
  ];
  expect(readSteps(page.join('\n'))).toEqual([
    { kind: 'run', commands: 'ls\n', output: { format: 'text', text: 'a\n' } },
    { kind: 'file', path: 'src/a.ts', text: 'one();\n\ntwo();\n' },
    {
      kind: 'change',
      path: 'src/a.ts',
      edits: [
        { from: 'one();\n\ntwo();\n', to: 'three();\n\ntwo();\n' },
        { from: 'two();\n', to: 'two();\nfour();\n' },
      ],
    },
    { kind: 'start', command: 'heldar dev' },
    { kind: 'printed', output: { format: 'text', text: '● up\n' } },
  ]);
});

test('a block that nothing can be done with is refused with its line', () => {
  expect(() => readSteps(`# A\n\n${block('ts', 'x();')}`)).toThrow("line 3: a block 'ts '");
  expect(() => readSteps(block('text', 'output of nothing'))).toThrow('line 1');
});
