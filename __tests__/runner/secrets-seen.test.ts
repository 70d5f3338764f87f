import {afterAll, describe, expect, test} from '@jest/globals'
import {secretsSeen} from '../../scripts/runner/secrets-seen.ts'
import {play, removeFolders} from './tiny-action.ts'

afterAll(removeFolders)

// No letter of it may stand in the script itself: the action gets it as an input.
const SECRET = 'hush>>>/42+"???puppies"'
const INPUTS = 'inputs: {secret: {}}'

async function leak(main: string, post?: string) {
  const action = {main: `const s = env.INPUT_SECRET\n${main}`, inputs: INPUTS, ...(post === undefined ? {} : {post})}
  return secretsSeen(await play(action, {inputs: {secret: SECRET}}), {planted: SECRET})
}

describe('secretsSeen', () => {
  test('given a run that only masks its secret, nothing is seen', async () => {
    expect(await leak("console.log('::add-mask::' + s); console.log('fine')")).toEqual([])
  })

  test.each([
    {form: 'raw', main: "console.log('a ' + s)"},
    {form: 'raw', main: 'console.error(s)'},
    {form: 'base64, 0 bytes in', main: "console.log(Buffer.from(s).toString('base64'))"},
    {form: 'base64, 1 bytes in', main: "console.log(Buffer.from('u' + s + '!').toString('base64'))"},
    {form: 'base64, 2 bytes in', main: "console.log(Buffer.from('u:' + s + 'xx').toString('base64'))"},
    {form: 'base64url, 0 bytes in', main: "console.log(Buffer.from(s).toString('base64url'))"},
    {form: 'URL-encoded', main: 'console.log(encodeURIComponent(s))'},
    {form: 'JSON-escaped', main: 'console.log(JSON.stringify({s}))'},
    {form: 'hex', main: "console.log(Buffer.from(s).toString('hex'))"}
  ])('given $form in the output by $main, it is seen', async ({form, main}) => {
    expect((await leak(main)).map(seen => seen.form)).toContain(form)
  })

  test.each([
    {place: 'main GITHUB_OUTPUT', main: "put('OUTPUT', 'a=' + s + '\\n')"},
    {place: 'main GITHUB_STATE', main: "put('STATE', 'a=' + s + '\\n')"},
    {place: 'main GITHUB_ENV', main: "put('ENV', 'a=' + s + '\\n')"},
    {place: 'main GITHUB_STEP_SUMMARY', main: "put('STEP_SUMMARY', s)"},
    {place: 'RUNNER_TEMP/f', main: "writeFileSync(env.RUNNER_TEMP + '/f', s)"},
    {place: 'HOME/.netrc', main: "writeFileSync(env.HOME + '/.netrc', s)"},
    {place: 'names in RUNNER_TEMP', main: "mkdirSync(env.RUNNER_TEMP + '/' + s, {recursive: true})"},
    {
      place: 'main command lines',
      main: "const c = spawn('sleep', ['3'], {argv0: s}); await sleep(400); c.kill()"
    }
  ])('given a secret in $place, it is seen', async ({place, main}) => {
    expect((await leak(main)).map(seen => seen.place.replace(/, line.*/, ''))).toContain(place)
  })

  test('given a mask line while commands are stopped, the secret was printed', async () => {
    expect(await leak("console.log('::stop-commands::x'); console.log('::add-mask::' + s)")).toHaveLength(1)
  })

  test('given a leak in post, it is seen and told with its line', async () => {
    const seen = await leak('', "console.log('one'); console.log(env.INPUT_SECRET)")
    expect(seen).toContainEqual({secret: 'planted', form: 'raw', place: 'post output, line 2'})
  })

  test('given a key of several lines, one line of it is enough', async () => {
    const key = '-----BEGIN KEY-----\nabcdefghijkl\nmnopqrstuvwx\n-----END KEY-----'
    const result = await play({main: "console.log('-----BEGIN KEY-----'); console.log('x mnopqrstuvwx')"})
    expect(secretsSeen(result, {key}).map(seen => seen.place)).toEqual(['main output, line 2'])
  })

  test('given a secret too short to be told from chance, it is refused', async () => {
    const result = await play({main: ''})
    expect(() => secretsSeen(result, {pin: '1234'})).toThrow('pin')
  })
})
