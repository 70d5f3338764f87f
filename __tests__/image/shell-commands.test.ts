import {describe, expect, test} from '@jest/globals'
import fc from 'fast-check'
import {execCommand, shellCommands} from '../../src/image/shell-commands.ts'

function wordsOf(script: string): readonly (readonly string[])[] {
  return shellCommands(script).map(({words}) => words)
}

describe('shellCommands', () => {
  test.each([
    {
      given: 'commands in a row',
      script: 'apt-get update && apt-get install -y git; rm -rf /x',
      then: [
        ['apt-get', 'update'],
        ['apt-get', 'install', '-y', 'git'],
        ['rm', '-rf', '/x']
      ]
    },
    {
      given: 'a pipe',
      script: 'curl -fsS x | sh -s',
      then: [
        ['curl', '-fsS', 'x'],
        ['sh', '-s']
      ]
    },
    {given: 'quotes', script: `echo "a b" 'c;d' e\\ f`, then: [['echo', 'a b', 'c;d', 'e f']]},
    {
      given: 'operators inside quotes',
      script: 'pip install "torch>=2.8 && x"',
      then: [['pip', 'install', 'torch>=2.8 && x']]
    },
    {given: 'a comment', script: 'true # pip install torch\nfalse', then: [['true'], ['false']]},
    {
      given: 'a substitution',
      script: 'x="$(pip download torch)" && ls `which git`',
      then: [['pip', 'download', 'torch'], [], ['which', 'git'], ['ls', '`which git`']]
    },
    {
      given: 'variables for one program',
      script: 'GIT_SSH_COMMAND="ssh -o A=no" git clone x',
      then: [['git', 'clone', 'x']]
    },
    {
      given: 'wrappers',
      script: 'sudo -E env A=1 /usr/bin/python3.12 -u -m pip install six',
      then: [['pip', 'install', 'six']]
    },
    {given: 'a path', script: '/opt/venv/bin/pip install six', then: [['pip', 'install', 'six']]},
    {
      given: 'a shell in the shell',
      script: `bash -euo pipefail -c 'pip install six; true'`,
      then: [['pip', 'install', 'six'], ['true']]
    },
    {
      given: 'an if',
      script: 'if ! test -e x; then pip install six; fi',
      then: [
        ['test', '-e', 'x'],
        ['pip', 'install', 'six']
      ]
    },
    {
      given: 'redirections',
      script: 'echo a 2>/dev/null >> /etc/x 2>&1',
      then: [['echo', 'a', '>', '/dev/null', '>>', '/etc/x', '>&', '1']]
    },
    {given: 'a line that goes on', script: 'pip install \\\n  six', then: [['pip', 'install', 'six']]},
    {
      given: 'a here-document, whose lines are no commands',
      script: 'cat > x <<E\npip install six\nE\ntrue',
      then: [['cat', '>', 'x'], ['true']]
    },
    {
      given: 'a script for a shell by here-document',
      script: 'sh <<E\npip install six\nE',
      then: [['pip', 'install', 'six']]
    },
    {given: 'nothing', script: ' \n# only this\n', then: []}
  ])('given $given', ({script, then}) => {
    expect(wordsOf(script)).toEqual(then)
  })

  test('says where a command begins, and what a here-document gives it', () => {
    const script = 'true &&\n  cat > f <<-E\n\tone\n\tE\nfalse'
    const [, cat, last] = shellCommands(script)
    expect(cat).toMatchObject({input: '\tone', at: script.indexOf('cat')})
    expect(last).toMatchObject({words: ['false'], at: script.indexOf('false')})
  })

  test('keeps assignments apart', () => {
    expect(shellCommands('A=1 B=$(cat x) run')[1]).toMatchObject({words: ['run'], assignments: ['A=1', 'B=$(cat x)']})
  })

  test('scripts within scripts end somewhere', () => {
    expect(shellCommands('$('.repeat(50_000)).length).toBeLessThan(20)
  })

  test('whatever the text, it ends, and every command lies in it', () => {
    const piece = fc.constantFrom(
      'a',
      ' ',
      '\n',
      '"',
      "'",
      '`',
      '$(',
      ')',
      '\\',
      '<<E',
      'E',
      '>',
      '&&',
      '|',
      '#',
      ';',
      'sh -c '
    )
    fc.assert(
      fc.property(fc.array(piece, {maxLength: 40}), pieces => {
        const script = pieces.join('')
        for (const {at} of shellCommands(script)) expect(at <= script.length).toBe(true)
      }),
      {numRuns: 2000}
    )
  })
})

test('an exec form is one command, or what it gives a shell', () => {
  expect(execCommand(['/usr/bin/pip', 'install', 'a && b']).map(({words}) => words)).toEqual([
    ['pip', 'install', 'a && b']
  ])
  expect(execCommand(['/bin/sh', '-c', 'a && b']).map(({words}) => words)).toEqual([['a'], ['b']])
})
