import {chmodSync, mkdirSync, writeFileSync} from 'node:fs'
import {join, resolve} from 'node:path'
import {fileURLToPath} from 'node:url'
import {barePython} from './bare-python.ts'

// The bench uses this, too, where there is no jest.
const ACTION = resolve(fileURLToPath(new URL('../..', import.meta.url)))

/** A machine that claims to have an A100: its nvidia-smi and its `docker run --gpus` are scripts, all else is real. */
export interface ScriptedGpu {
  /**
   * For PATH, in front of everything else. Its file `runs` has a line for each container, and `times` two: when its validator
   * began and when it ended, in milliseconds.
   */
  readonly folder: string
  /** What the stand-in for torch plays from now on; see its own description. */
  plays(torch: Readonly<Record<string, unknown>>): void
}

const UUID = 'GPU-aaaaaaaa-0000-0000-0000-000000000000'
const A100 = {uuid: UUID, name: 'NVIDIA A100-SXM4-80GB', capability: '8.0', memory_mib: 81920}

/** What torch 2.8.0 holds for CUDA 12.8, as the label of its images says. */
export const CU128 = 'sm_70 sm_75 sm_80 sm_86 sm_90 sm_100 sm_120'

const NVIDIA_SMI = `#!/bin/sh
here=$(dirname "$0")
case "$1" in
--query-gpu=*) echo '0, ${UUID}, ${A100.name}, 8.0, 81920, 570.124.06, 0, 4' | (case "$1" in *index*) cat ;; *) echo '570.124.06, ${A100.name}' ;; esac) ;;
--query-compute-apps=*) [ -f "$here/running" ] && echo '4711, ${UUID}, 612' ;;
-L) echo 'GPU 0: ${A100.name} (UUID: ${UUID})' ;;
*) echo '| Driver Version: 570.124.06   CUDA Version: 12.8 |' ;;
esac
exit 0
`

/** Everything goes to the real client but a container with the validator: that runs right here, over the stand-in. */
function dockerScript(docker: string): string {
  return `#!/bin/sh
here=$(dirname "$0")
case " $* " in
" run "*" --gpus all "*)
  printf '%s\\n' "$*" >>"$here/runs"
  : >"$here/running"
  date +%s%3N >>"$here/times"
  STAND_IN_TORCH=$(cat "$here/torch.json") PYTHONPATH='${join(ACTION, '__tests__/validator/stand_in')}' \\
    PYTHONDONTWRITEBYTECODE=1 '${barePython()}' -I -S '${join(ACTION, 'validator/validate.py')}'
  status=$?
  date +%s%3N >>"$here/times"
  rm -f "$here/running"
  exit $status
  ;;
*" run "*" --env=NVIDIA_VISIBLE_DEVICES=void "*)
  # The proof without a GPU: nothing in it is scripted by a test of the GPU.
  STAND_IN_TORCH='{"arch_flags": "${CU128}"}' PYTHONDONTWRITEBYTECODE=1 \\
    PYTHONPATH='${join(ACTION, '__tests__/validator/stand_in')}' '${barePython()}' -I -S '${join(ACTION, 'validator/validate.py')}'
  exit $?
  ;;
" top "*) printf 'PID\\n4711\\n' ; exit 0 ;;
esac
exec '${docker}' "$@"
`
}

/** Lays the scripts into a folder below `place`. */
export function scriptGpu(place: string, docker: string): ScriptedGpu {
  const folder = join(place, 'gpu machine')
  mkdirSync(folder, {recursive: true})
  const scripts = {
    'nvidia-smi': NVIDIA_SMI,
    'nvidia-ctk': "#!/bin/sh\necho 'NVIDIA Container Toolkit CLI version 1.18.0'\n",
    docker: dockerScript(docker)
  }
  for (const [name, text] of Object.entries(scripts)) {
    writeFileSync(join(folder, name), text)
    chmodSync(join(folder, name), 0o755)
  }
  const plays = (torch: Readonly<Record<string, unknown>>) =>
    writeFileSync(join(folder, 'torch.json'), JSON.stringify({devices: [A100], arch_flags: CU128, ...torch}))
  plays({})
  return {folder, plays}
}
