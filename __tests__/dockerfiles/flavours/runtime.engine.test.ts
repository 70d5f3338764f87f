import {afterAll, beforeAll, describe, expect, jest, test} from '@jest/globals'
import {layFile} from '../workshop.ts'
import {type FlavourStage, openFlavourStage} from './flavour-stage.ts'

jest.setTimeout(180_000)

let stage: FlavourStage

beforeAll(async () => {
  stage = await openFlavourStage('runtime')
  await stage.build('runtime', {})
}, 600_000)

afterAll(async () => {
  await stage?.close()
}, 300_000)

describe('runtime', () => {
  test('the command is the child of an init, and a signal ends it at once', async () => {
    const container = await stage.start(
      'runtime',
      [],
      ['python', '-c', 'print("up", flush=True); import time; time.sleep(600)']
    )
    await stage.saidBy(container, /up/)
    const {stdout} = await stage.docker('exec', container, 'cat', '/proc/1/comm')
    expect(stdout.trim()).toBe('dumb-init')
    await stage.docker('stop', '--time', '60', container)
    const {stdout: code} = await stage.docker('inspect', '--format', '{{.State.ExitCode}}', container)
    expect(code.trim()).toBe('143')
  })

  test('the user adds packages in its home, and replaces none of the image’s', async () => {
    const wheel = [
      'import sys, zipfile',
      'name, version = sys.argv[1:]',
      'z = zipfile.ZipFile(f"/tmp/{name}-{version}-py3-none-any.whl", "w"); i = f"{name}-{version}.dist-info"',
      'z.writestr(f"{name}.py", f"version = {version!r}"); z.writestr(f"{i}/METADATA", f"Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n")',
      'z.writestr(f"{i}/WHEEL", "Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")',
      'z.writestr(f"{i}/RECORD", ""); z.close()'
    ].join('\n')
    const mount = [
      '--volume',
      `${layFile(stage.place, 'wheel.py', wheel)}:/wheel.py:ro`,
      '--tmpfs',
      '/home/app:uid=10001'
    ]
    const pip = 'pip install --quiet --no-index --disable-pip-version-check'
    const added = await stage.runIn(
      'runtime',
      mount,
      'sh',
      '-c',
      `python /wheel.py added 1.0 && ${pip} /tmp/added-1.0-*.whl && python -c 'import added; print(added.__file__)'`
    )
    expect(added).toEqual({
      exitCode: 0,
      said: expect.stringMatching(/^\/home\/app\/\.local\/lib\/python3\.\d+\/site-packages\/added\.py$/)
    })
    const replaced = await stage.runIn(
      'runtime',
      mount,
      'sh',
      '-c',
      `python /wheel.py six 9.0; ${pip} /tmp/six-9.0-*.whl; python -c 'import six; print(six.__version__)'`
    )
    expect(replaced.said).toMatch(/Will not install to the user site/)
    expect(replaced.said).toMatch(/^1\.17\.0$/m)
  })

  test('packages of apt are there, and neither lists nor archives nor logs of it', async () => {
    await stage.build('with-apt', {APT_PACKAGES: 'tree git openssh-client'})
    expect(await stage.runIn('with-apt', [], 'tree', '--version')).toMatchObject({exitCode: 0})
    const left = await stage.runIn(
      'with-apt',
      [],
      'sh',
      '-c',
      'ls /var/lib/apt/lists /var/cache/apt; ls -d /var/log/apt 2>&1; id -u'
    )
    expect(left.said).toMatch(/^\/var\/cache\/apt:\n\n\/var\/lib\/apt\/lists:\n10001\n.*No such file.*$|No such file/s)
    expect(left.said).not.toMatch(/\.bin|_Packages|archives/)
  })
})
