import {installsTorch, isTorchImage, namesTorch, pythonInstall} from './advice-packages.ts'
import {callsOf, commandsIn} from './advice-phrases.ts'
import type {AdviceFound, AdviceRule} from './advice-rule.ts'
import type {AdviceView, ViewedStage} from './advice-view.ts'

/** An image of another repository that the build begins with or copies from. */
interface Outside {
  readonly image: string
  readonly line: number
}

const CUDA_BASE = /(?:^|\/)nvidia\/cuda:[^\s@]*-(?:runtime|devel)|(?:^|\/)nvidia\/cuda:[^\s@]*cudnn/
const DEVEL = /(?:^|\/)(?:nvidia\/cuda|pytorch\/pytorch):[^\s@]*-devel\b/
const CUDA_PACKAGES =
  /^(?:nvidia-cuda-toolkit|cuda(?:-toolkit|-libraries|-runtime)?(?:-\d+-\d+)?|(?:lib)?cudnn\d*(?:-.*)?|libnccl\d*)(?:=.*)?$/

/** What an image begins with. */
export const BASE_RULES: readonly AdviceRule[] = [
  {
    name: 'base-with-cuda',
    level: 'warning',
    why: 'The wheels of PyTorch bring CUDA and cuDNN of their own: the image carries both, gigabytes more, and a cuDNN of the system beside the wheels’ one ends in `CUDNN_STATUS_SUBLIBRARY_VERSION_MISMATCH` (pytorch#188892).',
    find: baseWithCuda,
    examples: {
      found:
        'FROM nvidia/cuda:12.8.0-cudnn-runtime-ubuntu22.04@sha256:0000\nRUN pip install --no-cache-dir torch==2.8.0\nUSER 10001\n',
      mended: 'FROM python:3.12-slim@sha256:0000\nRUN pip install --no-cache-dir torch==2.8.0\nUSER 10001\n'
    }
  },
  {
    name: 'devel-last',
    level: 'warning',
    why: 'A devel image carries compilers and static libraries, 5 GB and more, that nothing needs when the image runs.',
    find: ({chain}) =>
      chain
        .filter(({image}) => image !== undefined && DEVEL.test(image))
        .map(({stage, image}) => ({
          line: stage.line,
          what: `The image that is built stands on ${image}.`,
          fix: 'Compile in a stage of its own `FROM` it, begin the last stage with `python:3.12-slim`, and `COPY --link --from=<stage>` the wheel that came of it.'
        })),
    examples: {
      found: 'FROM nvidia/cuda:12.8.0-devel-ubuntu22.04@sha256:0000\nRUN make -C kernels\nUSER 10001\n',
      mended:
        'FROM nvidia/cuda:12.8.0-devel-ubuntu22.04@sha256:0000 AS kernels\nRUN make -C kernels\n\nFROM python:3.12-slim@sha256:0000\nCOPY --link --from=kernels /kernels/dist /opt/kernels\nUSER 10001\n'
    }
  },
  {
    name: 'latest-base',
    level: 'warning',
    why: 'What `latest` is changes without a commit: a build of yesterday cannot be made again, and a new Python or CUDA arrives unasked.',
    otherNames: ['DL3006', 'DL3007'],
    find: view =>
      outsideImages(view)
        .filter(({image}) => !image.includes('@') && ['', 'latest'].includes(tagOf(image)))
        .map(({image, line}) => ({
          line,
          what: `${image} is whatever is newest on the day of the build.`,
          fix: 'Name a version and its digest, for example `python:3.12-slim@sha256:…`.'
        })),
    examples: {
      found: 'FROM ubuntu:latest\nUSER 10001\n',
      mended: 'FROM ubuntu:24.04@sha256:0000\nUSER 10001\n'
    }
  },
  {
    name: 'unpinned-base',
    level: 'notice',
    why: 'A tag is moved by its publisher; a digest is not. With a new digest all layers above are made anew, without one that happens on any day.',
    otherNames: ['DL3006'],
    find: view =>
      outsideImages(view)
        .filter(({image}) => !image.includes('@') && !['', 'latest'].includes(tagOf(image)))
        .map(({image, line}) => ({
          line,
          what: `${image} has no digest.`,
          fix: `Write \`${image}@sha256:…\` (\`docker buildx imagetools inspect ${image}\` shows it); Dependabot and Renovate keep it current.`
        })),
    examples: {
      found: 'FROM python:3.12-slim\nUSER 10001\n',
      mended: 'FROM python:3.12-slim@sha256:0000\nUSER 10001\n'
    }
  }
]

function baseWithCuda(view: AdviceView): readonly AdviceFound[] {
  const ofChain = commandsIn({stages: view.chain})
  if (!ofChain.some(installsTorch)) return []
  return [
    ...view.chain.flatMap(twiceAtBase),
    ...torchTwice(view),
    ...callsOf({stages: view.chain}, 'apt-get', 'apt')
      .filter(({command: {words}}) => words.includes('install') && words.some(word => CUDA_PACKAGES.test(word)))
      .map(({command}) => ({
        line: command.line,
        what: 'CUDA is installed by apt, and the wheels of PyTorch bring it too.',
        fix: 'Leave it out: the wheels need nothing but the driver of the machine.'
      }))
  ]
}

function twiceAtBase({image, stage}: ViewedStage): readonly AdviceFound[] {
  if (image === undefined || !CUDA_BASE.test(image)) return []
  return [
    {
      line: stage.line,
      what: `${image} has CUDA, and the wheels of PyTorch bring it too.`,
      fix: 'Begin with `python:3.12-slim` (Debian or Ubuntu with python3 will do): the wheels need nothing but the driver of the machine.'
    }
  ]
}

/** PyTorch over an image that has it. */
function torchTwice({chain}: AdviceView): readonly AdviceFound[] {
  const [outermost] = chain
  if (outermost?.image === undefined || !isTorchImage(outermost.image)) return []
  return commandsIn({stages: chain})
    .filter(({command}) => {
      const install = pythonInstall(command)
      return install !== undefined && namesTorch(install)
    })
    .map(({command}) => ({
      line: command.line,
      what: `PyTorch is installed over ${outermost.image}, which has it.`,
      fix: 'Begin with `python:3.12-slim`, or leave PyTorch out of this line.'
    }))
}

/** `FROM` and `COPY --from` of images; names that cannot be told, and `scratch`, are left out. */
function outsideImages({stages, reading}: AdviceView): readonly Outside[] {
  const names = stages.flatMap(({stage}) => stage.name?.toLowerCase() ?? [])
  const bases = stages.flatMap(({image, stage}) => (image === undefined ? [] : [{image, line: stage.line}]))
  const copied = stages
    .flatMap(({instructions}) => instructions)
    .flatMap(({from, line}) => (from === undefined ? [] : [{image: from, line}]))
    .filter(({image}) => !/^\d+$|\$/.test(image) && !names.includes(image.toLowerCase()))
  return [...bases, ...copied].filter(({image}) => image !== 'scratch' && !reading.contexts.includes(image))
}

function tagOf(image: string): string {
  return /:([^:/@]+)(?:@|$)/.exec(image)?.[1] ?? ''
}
