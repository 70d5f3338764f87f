import {chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {parse} from 'yaml'
import {barePython} from './bare-python.ts'
import {ACTION} from './built-action.ts'
import {CU128} from './scripted-gpu.ts'

/** A stand-in for kubectl and the cluster behind it: one node with one A100, all of it a script. */
export interface ScriptedCluster {
  /** For PATH, in front of everything else. */
  readonly folder: string
  /** What was asked, one line each, since the cluster was made. */
  asked(): readonly string[]
}

const UUID = 'GPU-aaaaaaaa-0000-0000-0000-000000000000'
const A100 = {uuid: UUID, name: 'NVIDIA A100-SXM4-80GB', capability: '8.0', memory_mib: 81920}

const KUBECTL = `#!/usr/bin/env python3
"""Stand-in for kubectl: keeps one Job, whose pod runs at once and "is" the shipped validator over the stand-in for torch."""
import json, os, sys

here = os.path.dirname(os.path.abspath(__file__))
arguments = sys.argv[1:]
line = ' '.join(arguments)
job = os.path.join(here, 'job.json')
with open(os.path.join(here, 'asked'), 'a') as asked:
    asked.write(line + '\\n')

if line.startswith(('get job ', 'get configmap ')):
    print(open(os.path.join(here, arguments[1] + '-template.json')).read())
elif arguments[0] == 'create':
    open(job, 'w').write(sys.stdin.read())
elif line.startswith('get pods '):
    made = json.load(open(job))
    pod = {
        'metadata': {'name': made['metadata']['name'] + '-x7k2p'},
        'spec': made['spec']['template']['spec'],
        'status': {'containerStatuses': [{'name': 'validator', 'state': {'running': {}}}]},
    }
    print(json.dumps({'items': [pod]}))
elif arguments[0] == 'exec' and '--query-gpu' in line:
    print('0, ${UUID}, ${A100.name}, 8.0, 81920, 570.124.06, 0, 4')
elif arguments[0] == 'exec' and line.endswith('-L'):
    print('GPU 0: ${A100.name} (UUID: ${UUID})')
elif arguments[0] == 'attach':
    os.environ.update(
        PYTHONDONTWRITEBYTECODE='1',
        PYTHONPATH='${join(ACTION, '__tests__/validator/stand_in')}',
        STAND_IN_TORCH=open(os.path.join(here, 'torch.json')).read(),
    )
    os.execv('${barePython()}', ['${barePython()}', '-I', '-S', '${join(ACTION, 'validator/validate.py')}'])
elif arguments[0] == 'delete' and os.path.exists(job):
    os.remove(job)
`

/** Lays the script into a folder below `place`, with what `kubectl apply -k deploy/kubernetes/validate` would lay there. */
export function scriptCluster(place: string): ScriptedCluster {
  const folder = join(place, 'cluster')
  mkdirSync(folder, {recursive: true})
  const validator = join(ACTION, 'validator')
  const names = readdirSync(validator).filter(name => name.endsWith('.py'))
  const data = Object.fromEntries(names.map(name => [name, readFileSync(join(validator, name), 'utf8')]))
  const template = parse(readFileSync(join(ACTION, 'deploy/kubernetes/validate/job.yaml'), 'utf8'))
  const torch = {devices: [A100], arch_flags: CU128}
  writeFileSync(join(folder, 'job-template.json'), JSON.stringify(template))
  writeFileSync(join(folder, 'configmap-template.json'), JSON.stringify({data}))
  writeFileSync(join(folder, 'torch.json'), JSON.stringify(torch))
  writeFileSync(join(folder, 'asked'), '')
  writeFileSync(join(folder, 'kubectl'), KUBECTL)
  chmodSync(join(folder, 'kubectl'), 0o755)
  return {
    folder,
    asked: () =>
      readFileSync(join(folder, 'asked'), 'utf8')
        .split('\n')
        .filter(line => line !== '')
  }
}
