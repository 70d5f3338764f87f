import {makeRunnerHost} from '../../src/host/runner.ts'

// What runner.test.ts runs as a process: the real host, and one deed on it. Its last line is JSON of what it saw.
const [deed = ''] = process.argv.slice(2)
const host = await makeRunnerHost({action: '/action'})
const tell = (seen: unknown) => process.stdout.write(`\n${JSON.stringify(seen)}\n`)

const DEEDS: Readonly<Record<string, () => Promise<unknown>>> = {
  inputs: async () => ({
    raw: host.inputs.raw(),
    left: Object.keys(process.env).filter(name => name.startsWith('INPUT_')),
    inEnv: Object.keys(host.env).filter(name => name.startsWith('INPUT_')),
    child: (await host.commands.ask({file: 'env', args: []})).stdout,
    place: host.place
  }),
  tell: async () => {
    host.secrets.keep('token', 'hunter2-hunter2')
    host.log.info('::set-output name=x::y\n  ::error::no\rplain ##[error]no\n::hunter2-hunter2')
    host.log.warning('bad\n::error::no hunter2-hunter2', 'title,file=a::b')
    host.log.notice('low', 'advice', {file: 'a,b:c/Dockerfile', line: 7})
    host.log.debug('only when debugging')
    await host.log.group('a group', async () => host.log.info('inside'))
    host.results.output('image', 'line\nhunter2-hunter2')
    await host.results.summary(`# Summary hunter2-hunter2\n${'x'.repeat(99)}\n`)
    await host.results.summary(`${'y'.repeat(1023)}\n`.repeat(1100))
    return {}
  },
  ledger: async () => {
    host.secrets.keep('token', 'hunter2-hunter2')
    host.ledger.record({kind: 'remove-path', path: '/tmp/one'})
    host.ledger.record({kind: 'stop-process', pid: 1234, startTime: '5'})
    try {
      host.ledger.record({kind: 'remove-path', path: '/tmp/hunter2-hunter2'})
    } catch (thrown) {
      return {refused: String(thrown)}
    }
    return {}
  },
  'read-ledger': async () => host.ledger.entries(),
  cancel: async () => {
    const following = host.commands.follow({file: 'sh', args: ['-c', 'echo $$; sleep 60']}, line => {
      process.stdout.write(`pid ${line}\n`)
    })
    return following.catch(thrown => ({code: thrown.code, reason: host.cancelled.reason}))
  },
  timeout: async () => {
    host.stopAfter(100)
    await new Promise(resolve => host.cancelled.addEventListener('abort', resolve))
    return {reason: host.cancelled.reason}
  },
  crash: async () => {
    void host.commands.follow({file: 'sh', args: ['-c', 'echo $$; sleep 60']}, line => {
      process.stdout.write(`pid ${line}\n`)
      throw process.exit(3)
    })
    await new Promise(resolve => setTimeout(resolve, 60_000))
    return {}
  },
  compare: () => host.github.compareCommits('base', 'head'),
  cache: async () => {
    const directory = process.env.CACHED ?? '/nowhere'
    const entry = {paths: [directory], archive: `${process.env.RUNNER_TEMP}/archive`}
    const saved = await host.cache.save({...entry, key: 'layers-main-1'})
    await host.files.remove(directory)
    const restored = await host.cache.restore({...entry, key: 'layers-main-2'}, ['layers-main-'])
    return {saved, restored: restored ?? null, text: (await host.files.read(`${directory}/blob`)) ?? null}
  }
}

tell(await DEEDS[deed]?.())
host.end()
