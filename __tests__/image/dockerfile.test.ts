import {describe, expect, test} from '@jest/globals'
import fc from 'fast-check'
import {parseDockerfile} from '../../src/image/dockerfile.ts'
import {Problem} from '../../src/model/problem.ts'

function mountsIn(text: string, args: Record<string, string> = {}): readonly string[] {
  const {stages} = parseDockerfile(text, {args})
  return stages.flatMap(({mounts}) => mounts.map(({type, id, required, line}) => `${line} ${type} ${id} ${required}`))
}

describe('mounts of secrets and keys', () => {
  test.each([
    {given: 'an id', run: 'RUN --mount=type=secret,id=pip true', then: ['2 secret pip false']},
    {given: 'a target only', run: 'RUN --mount=type=secret,target=/run/x/netrc true', then: ['2 secret netrc false']},
    {given: 'the name of another tool', run: 'RUN --mount=type=secret,src=pip true', then: ['2 secret pip false']},
    {given: 'required as a word', run: 'RUN --mount=type=secret,id=a,required true', then: ['2 secret a true']},
    {given: 'required=true', run: 'RUN --mount=type=secret,id=a,required=true true', then: ['2 secret a true']},
    {given: 'required=false', run: 'RUN --mount=type=secret,id=a,required=false true', then: ['2 secret a false']},
    {given: 'ssh without an id', run: 'RUN --mount=type=ssh true', then: ['2 ssh default false']},
    {given: 'ssh with an id', run: 'RUN --mount=type=ssh,id=kernels true', then: ['2 ssh kernels false']},
    {given: 'keys in capitals', run: 'RUN --mount=TYPE=Secret,ID=a true', then: ['2 secret a false']},
    {
      given: 'two on one line, and other flags',
      run: 'RUN --network=none --mount=type=secret,id=a --mount=type=ssh true',
      then: ['2 secret a false', '2 ssh default false']
    },
    {given: 'quotes around a value', run: 'RUN --mount=type=secret,id="a b" true', then: ['2 secret a b false']},
    {given: 'quotes around all of it', run: 'RUN --mount="type=secret,id=a" true', then: ['2 secret a false']},
    {
      given: 'a comma inside CSV quotes',
      run: `RUN --mount='type=secret,"id=a,b"' true`,
      then: ['2 secret a,b false']
    },
    {
      given: 'continued lines with a comment and an empty line between',
      run: 'RUN \\\n  # why\n\n  --mount=type=secret,id=a \\\n  true',
      then: ['2 secret a false']
    },
    {
      given: 'a continuation inside the option',
      run: 'RUN --mount=type=secret,\\\nid=a true',
      then: ['2 secret a false']
    },
    {given: 'lower case', run: 'run --mount=type=secret,id=a true', then: ['2 secret a false']},
    {given: 'Windows line ends', run: 'RUN --mount=type=secret,id=a \\\r\n true\r', then: ['2 secret a false']},
    {given: 'other kinds', run: 'RUN --mount=type=cache,target=/c --mount=type=tmpfs,target=/t true', then: []},
    {given: 'ONBUILD', run: 'ONBUILD RUN --mount=type=secret,id=a true', then: []},
    {given: 'a comment', run: '# RUN --mount=type=secret,id=a true', then: []},
    {given: 'words after the command', run: 'RUN echo --mount=type=secret,id=a', then: []}
  ])('$given', ({run, then}) => {
    expect(mountsIn(`FROM scratch\n${run}\n`)).toEqual(then)
  })

  test.each([
    {given: 'a here-document', body: 'RUN <<EOF\nRUN --mount=type=secret,id=no true\nEOF'},
    {given: 'one with tabs before its end', body: 'RUN <<-EOF\nRUN --mount=type=secret,id=no true\n\tEOF'},
    {given: 'one in quotes', body: "RUN python3 - <<'PY'\nRUN --mount=type=secret,id=no true\nPY"},
    {given: 'two on one line', body: 'RUN cat <<A <<B\nx\nA\nRUN --mount=type=secret,id=no true\nB'},
    {given: 'one on a file descriptor', body: 'RUN cat 3<<EOF\nRUN --mount=type=secret,id=no true\nEOF'},
    {given: 'one of COPY', body: 'COPY <<EOF /x\nRUN --mount=type=secret,id=no true\nEOF'},
    {given: 'something that only looks like one, in quotes', body: 'RUN echo "a <<EOF b"'},
    {given: 'a here-string', body: 'RUN cat <<<EOF'}
  ])('the instruction after $given is read', ({body}) => {
    const text = `FROM scratch\n${body}\nRUN --mount=type=secret,id=yes true\n`
    expect(parseDockerfile(text).stages[0]?.mounts.map(({id}) => id)).toEqual(['yes'])
  })

  test.each([
    {given: 'a default', declared: 'ARG NAME=pip', args: {}, id: 'pip-token'},
    {given: 'a build argument', declared: 'ARG NAME=pip', args: {NAME: 'uv'}, id: 'uv-token'},
    {given: 'an ENV', declared: 'ENV NAME=npm', args: {NAME: 'uv'}, id: 'npm-token'},
    {given: 'an argument nobody declared', declared: 'USER app', args: {NAME: 'uv'}, id: '$NAME-token'}
  ])('a variable in an id comes from $given', ({declared, args, id}) => {
    expect(mountsIn(`FROM scratch\n${declared}\nRUN --mount=type=secret,id=$NAME-token true\n`, args)).toEqual([
      `3 secret ${id} false`
    ])
  })

  test('a global argument counts in a stage only where the stage asks for it', () => {
    const text = 'ARG ID=pip\nFROM scratch\nARG ID\nRUN --mount=type=secret,id=$ID true\n'
    expect(mountsIn(text)).toEqual(['4 secret pip false'])
  })
})

describe('the rest of a Dockerfile', () => {
  test('the escape directive and the syntax line are understood', () => {
    const text =
      '# syntax=docker/dockerfile:1\n# escape=`\nFROM scratch\nRUN --mount=type=secret,id=a `\n  dir c:\\\nENV A=1\n'
    const dockerfile = parseDockerfile(text)
    expect(dockerfile.syntax).toBe('docker/dockerfile:1')
    expect(dockerfile.stages[0]?.variables).toEqual([{kind: 'ENV', name: 'A', value: '1', line: 6}])
  })

  test('variables are told with their lines, in every form they have', () => {
    const text =
      'ARG BASE=python\nFROM $BASE AS one\nARG TOKEN\nARG A=1 B="two words"\nENV C=3 D=\'4 5\'\nENV OLD some value\n'
    const {globals, stages} = parseDockerfile(text)
    expect(globals).toEqual([{kind: 'ARG', name: 'BASE', value: 'python', line: 1}])
    expect(stages[0]?.variables.map(({kind, name, value, line}) => [line, kind, name, value])).toEqual([
      [3, 'ARG', 'TOKEN', undefined],
      [4, 'ARG', 'A', '1'],
      [4, 'ARG', 'B', 'two words'],
      [5, 'ENV', 'C', '3'],
      [5, 'ENV', 'D', '4 5'],
      [6, 'ENV', 'OLD', 'some value']
    ])
  })

  test.each([
    {line: 'COPY . /app', takes: ['.']},
    {line: 'COPY --chown=1:1 --link src/a.py ./b /app/', takes: ['src/a.py', 'b']},
    {line: 'COPY ["two words", "c", "/app/"]', takes: ['two words', 'c']},
    {line: 'ADD https://acme.test/x.tar.gz vendor.tar /x/', takes: ['vendor.tar']},
    {line: 'COPY ../outside /x', takes: ['outside']},
    {line: 'COPY $WHAT /x', takes: ['.']},
    {line: 'RUN --mount=type=bind,target=/src true', takes: ['.']},
    {line: 'RUN --mount=source=wheels,target=/w true', takes: ['wheels']},
    {line: 'RUN --mount=type=cache,target=/c true', takes: []},
    {line: 'COPY --from=build /x /y', takes: []}
  ])('$line takes $takes of the context', ({line, takes}) => {
    expect(parseDockerfile(`FROM scratch\n${line}\n`).stages[0]?.takes).toEqual(takes)
  })

  test('stages that are read from are named', () => {
    const text = 'FROM a AS one\nFROM b AS two\nCOPY --from=one /x /y\nRUN --mount=type=bind,from=0,target=/z true\n'
    expect(parseDockerfile(text).stages[1]).toMatchObject({name: 'two', from: 'b', line: 2, reads: ['one', '0']})
  })
})

describe('a Dockerfile that cannot be built', () => {
  test.each([
    {given: 'nothing', text: '', line: 1},
    {given: 'only comments', text: '# later\n', line: 1},
    {given: 'no FROM', text: 'ARG A=1\n', line: 1},
    {given: 'an instruction before FROM', text: '\nRUN true\nFROM a\n', line: 2},
    {given: 'an unknown instruction', text: 'FROM a\nRUNN true\n', line: 2},
    {given: 'FROM without an image', text: 'FROM a\nFROM\n', line: 2},
    {given: 'FROM with too many words', text: 'FROM a b\n', line: 1},
    {given: 'a stage name that is none', text: 'FROM a AS 1st\n', line: 1},
    {given: 'a here-document without an end', text: 'FROM a\nRUN <<EOF\ntrue\n', line: 2},
    {given: 'an unknown kind of mount', text: 'FROM a\nRUN --mount=type=secert,id=x true\n', line: 2},
    {given: 'a secret mount without a name', text: 'FROM a\n\nRUN --mount=type=secret true\n', line: 3},
    {given: 'required that is neither', text: 'FROM a\nRUN --mount=type=secret,id=x,required=yes true\n', line: 2},
    {given: 'an escape that is none', text: '# escape=x\nFROM a\n', line: 1}
  ])('$given is told with its line', ({text, line}) => {
    expect(() => parseDockerfile(text, {shown: 'docker/App.Dockerfile'})).toThrow(
      expect.objectContaining({
        code: 'dockerfile-invalid',
        what: expect.stringContaining(`docker/App.Dockerfile, line ${line}:`)
      })
    )
  })

  test('another frontend may have instructions of its own', () => {
    const text = '# syntax=acme.test/frontend:1\nFROM a\nINCLUDE other\n'
    expect(parseDockerfile(text).stages).toHaveLength(1)
  })

  test('no text makes the parser fail in another way', () => {
    const word = fc.constantFrom(
      'FROM',
      'RUN',
      'ARG',
      'ENV',
      'COPY',
      '--mount=type=secret,id=x',
      '<<EOF',
      'EOF',
      '"',
      "'",
      '\\',
      '\n',
      '\n',
      '${A:-b}',
      '$',
      'a=b',
      '[',
      '["a","b"]',
      '#',
      'AS'
    )
    fc.assert(
      fc.property(fc.array(word, {maxLength: 25}), words => {
        try {
          parseDockerfile(words.join(' '))
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(Problem)
        }
      }),
      {numRuns: 500}
    )
  })
})
