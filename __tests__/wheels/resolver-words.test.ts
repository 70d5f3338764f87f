import {describe, expect, test} from '@jest/globals'
import {readUnresolved} from '../../src/wheels/resolver-words.ts'

const PINS = {torch: '2.8.0', torchvision: '0.23.0', torchaudio: '2.8.0'}

/** What uv 0.13.8 printed in each case. */
const ROWS = [
  {
    given: 'a release whose sources do not state what it needs, where nothing can be built',
    words: `error: Failed to download and build \`flash-attn==2.8.3\`
  cause: failed to create directory \`/run/uv/cache/builds-v0\`: File exists (os error 17)`,
    then: {kind: 'needs-build', package: 'flash-attn'}
  },
  {
    given: 'a repository that does not either',
    words: `error: Failed to download and build \`my-kernels @ git+https://git.acme.test/acme/kernels@main\`
  cause: failed to create directory \`/run/uv/cache/builds-v0\`: File exists (os error 17)`,
    then: {kind: 'needs-build', package: 'my-kernels', isDirect: true}
  },
  {
    given: 'a repository that cannot be read, whose server speaks of a login',
    words: `error: Failed to download and build \`kernels @ git+https://git.acme.test/acme/kernels@main\`
  cause: Git operation failed
  cause: failed to clone into: cache/git-v1/db/be81cab4debce35b
  cause: process didn't exit successfully: \`git fetch --force --update-head-ok 'https://git.acme.test/acme/kernels'\` (exit status: 128)
         --- stderr
         fatal: unable to access 'https://git.acme.test/acme/kernels/': The requested URL returned error: 403 Forbidden`,
    then: {kind: 'git', address: 'https://git.acme.test/acme/kernels@main'}
  },
  {
    given: 'a requirement that wants an older torch',
    words: `error: No solution found when resolving dependencies
  cause: Because image depends on torch<2.5 and torch==2.8.0, we can conclude that your requirements are unsatisfiable.`,
    then: {kind: 'conflict', wanted: 'torch<2.5'}
  },
  {
    given: 'a package that wants another torch',
    words: `error: No solution found when resolving dependencies
  cause: Because xformers==0.0.28 depends on torch==2.4.1 and image depends on xformers==0.0.28, we can conclude that image depends on torch==2.4.1.
         And because image depends on torch==2.8.0, we can conclude that your requirements are unsatisfiable.`,
    then: {kind: 'conflict', wanted: 'torch==2.4.1', by: 'xformers==0.0.28'}
  },
  {
    given: 'a package that wants another torchvision',
    words: `error: No solution found when resolving dependencies
  cause: Because vllm==0.6.0 depends on torchvision==0.19 and image depends on vllm==0.6.0, we can conclude that image depends on torchvision==0.19.
         And because image depends on torchvision==0.23.0, we can conclude that your requirements are unsatisfiable.`,
    then: {kind: 'conflict', wanted: 'torchvision==0.19', by: 'vllm==0.6.0'}
  },
  {
    given: 'a package all of whose releases want another torch',
    words: `error: No solution found when resolving dependencies
  cause: Because all versions of oldformer depend on torch==2.4.1 and image depends on oldformer, we can conclude that image depends on torch==2.4.1.
         And because image depends on torch==2.8.0, we can conclude that your requirements are unsatisfiable.`,
    then: {kind: 'conflict', wanted: 'torch==2.4.1', by: 'oldformer'}
  },
  {
    given: 'a package that another one brings, and that wants another torch',
    words: `error: No solution found when resolving dependencies
  cause: Because fairseq2n==0.4.5 depends on torch==2.6.0 and fairseq2==0.4.5 depends on fairseq2n==0.4.5, we can conclude that fairseq2==0.4.5 depends on torch==2.6.0.
         And because image depends on fairseq2==0.4.5 and torch==2.8.0, we can conclude that your requirements are unsatisfiable.`,
    then: {kind: 'conflict', wanted: 'torch==2.6.0', by: 'fairseq2==0.4.5'}
  },
  {
    given: 'a requirement that wants another triton than torch does',
    words: `error: No solution found when resolving dependencies
  cause: Because torch==2.8.0 depends on triton{platform_machine == 'x86_64' and sys_platform == 'linux'}==3.4.0 and image depends on triton==3.2.0, we can conclude that your requirements and torch==2.8.0 are incompatible.
         And because image depends on torch==2.8.0, we can conclude that your requirements are unsatisfiable.`,
    then: {kind: 'conflict', wanted: 'triton==3.2.0', against: 'torch==2.8.0 needs triton==3.4.0'}
  },
  {
    given: 'a package that wants another library of CUDA than torch does',
    words: `error: No solution found when resolving dependencies
  cause: Because torch==2.8.0 depends on nvidia-cuda-nvrtc-cu12{platform_machine == 'x86_64' and sys_platform == 'linux'}==12.8.93 and tensorflow[and-cuda]==2.16.1 depends on nvidia-cuda-nvrtc-cu12==12.3.107, we can conclude that tensorflow[and-cuda]==2.16.1 and torch==2.8.0 are incompatible.
         And because image depends on tensorflow[and-cuda]==2.16.1 and torch==2.8.0, we can conclude that your requirements are unsatisfiable.`,
    then: {
      kind: 'conflict',
      wanted: 'nvidia-cuda-nvrtc-cu12==12.3.107',
      by: 'tensorflow[and-cuda]==2.16.1',
      against: 'torch==2.8.0 needs nvidia-cuda-nvrtc-cu12==12.8.93'
    }
  },
  {
    given: 'the same of every release that there is',
    words: `error: No solution found when resolving dependencies
  cause: Because all versions of flow depend on nvidia-cuda-runtime-cu12==12.3.101 and torch>=2.8.0 depends on nvidia-cuda-runtime-cu12==12.8.90, we can conclude that all versions of flow and torch>=2.8.0 are incompatible.
         And because image depends on flow and torch==2.8.0, we can conclude that your requirements are unsatisfiable.`,
    then: {
      kind: 'conflict',
      wanted: 'nvidia-cuda-runtime-cu12==12.3.101',
      by: 'flow',
      against: 'torch==2.8.0 needs nvidia-cuda-runtime-cu12==12.8.90'
    }
  },
  {
    given: 'a package that wants a range',
    words: `  cause: Because fastai==2.7.13 depends on torch>=1.10,<2.2 and image depends on fastai==2.7.13, we can conclude that image depends on torch>=1.10,<2.2.
         And because image depends on torch==2.8.0, we can conclude that your requirements are unsatisfiable.`,
    then: {kind: 'conflict', wanted: 'torch>=1.10,<2.2', by: 'fastai==2.7.13'}
  },
  {
    given: 'a project that takes torch from another index',
    words: `error: Requirements contain conflicting indexes for package \`torch\`:
- https://pypi.org/simple
- https://download.pytorch.org/whl/cu126`,
    then: {
      kind: 'two-indexes',
      package: 'torch',
      indexes: ['https://pypi.org/simple', 'https://download.pytorch.org/whl/cu126']
    }
  },
  {
    given: 'a range of releases, the oldest without wheels, of which none goes with our torch',
    words: `error: No solution found when resolving dependencies
  cause: Because all of:
             xformers<=0.0.16
             xformers>=0.0.20,<=0.0.26.post1
          have no usable wheels and only the following versions of xformers are available:
             xformers<=0.0.16
             xformers>=0.0.17rc481,<=0.0.19
             xformers>=0.0.20
         we can conclude that all of:
             xformers<0.0.17rc481
             xformers>0.0.19,<=0.0.26.post1
          cannot be used.
         And because xformers>=0.0.28.post3,<=0.0.29.post1 depends on torch==2.5.1 and xformers==0.0.30 depends on torch==2.7.0, we can conclude that all of:
             xformers<=0.0.29.post1
             xformers==0.0.30
         depend on one of:
             torch>=2.3.1,<=2.5.1
             torch==2.7.0

         And because xformers>=0.0.29.post2,<=0.0.29.post3 depends on torch==2.6.0 and xformers>=0.0.31,<=0.0.31.post1 depends on torch==2.7.1, we can conclude that xformers<=0.0.31.post1 depends on torch>=2.3.1,<=2.7.1.
         And because image depends on xformers<0.0.32 and torch==2.8.0, we can conclude that your requirements are unsatisfiable.

hint: Wheels are required for \`xformers\` because building from source is disabled for all packages (i.e., with \`--no-build\`)`,
    then: {kind: 'conflict', wanted: 'torch>=2.3.1,<=2.7.1', by: 'xformers<=0.0.31.post1'}
  },
  {
    given: 'a package that has no wheel',
    words: `error: No solution found when resolving dependencies
  cause: Because antlr4-python3-runtime==4.9.3 has no usable wheels and acme-kernels==0.3 depends on antlr4-python3-runtime==4.9.3, we can conclude that acme-kernels==0.3 cannot be used.
         And because only acme-kernels==0.3 is available and you require acme-kernels, we can conclude that your requirements are unsatisfiable.

hint: Wheels are required for \`antlr4-python3-runtime\` because building from source is disabled for all packages (i.e., with \`--no-build\`)`,
    then: {kind: 'needs-build', package: 'antlr4-python3-runtime'}
  },
  {
    given: 'a folder whose metadata must be built',
    words: `error: Failed to build \`dynpk @ file:///tmp/dyn\`
  cause: Building source distributions for \`dynpk\` is disabled`,
    then: {kind: 'needs-build', package: 'dynpk'}
  },
  {
    given: 'an index that wants a login',
    words: `error: No solution found when resolving dependencies
  cause: Because six was not found in the package registry and you require six, we can conclude that your requirements are unsatisfiable.

hint: An index URL (http://127.0.0.1:8123/simple) could not be queried due to a lack of valid authentication credentials (401 Unauthorized)`,
    then: {kind: 'login', address: 'http://127.0.0.1:8123/simple'}
  },
  {
    given: 'no network',
    words: `error: Failed to fetch: \`https://pypi.org/simple/six/\`
  cause: error sending request for url (https://pypi.org/simple/six/)
  cause: dns error`,
    then: {kind: 'network'}
  },
  {
    given: 'a machine without Python',
    words: 'error: No interpreter found for Python 3.12 in virtual environments, managed installations, or search path',
    then: {kind: 'no-python'}
  },
  {
    given: 'an index without the build that is asked for',
    words: `error: No solution found when resolving dependencies
  cause: Because there is no version of torch==2.8.0 and image depends on torch==2.8.0, we can conclude that your requirements are unsatisfiable.`,
    then: {kind: 'absent', wanted: 'torch==2.8.0'}
  },
  {
    given: 'an index without PyTorch',
    words: `error: No solution found when resolving dependencies
  cause: Because torchvision was not found in the package registry and image depends on torchvision==0.23.0, we can conclude that your requirements are unsatisfiable.`,
    then: {kind: 'absent', wanted: 'torchvision==0.23.0'}
  },
  {
    given: 'an index with wheels for other processors alone',
    words: `error: No solution found when resolving dependencies
  cause: Because torch==2.8.0 has no wheels with a matching platform tag (e.g., \`manylinux_2_28_x86_64\`) and image depends on torch==2.8.0, we can conclude that your requirements are unsatisfiable.

hint: Wheels are available for \`torch\` (v2.8.0) on the following platform: \`manylinux_2_28_aarch64\``,
    then: {kind: 'absent', wanted: 'torch==2.8.0', misses: 'platform'}
  },
  {
    given: 'an index with wheels for other Pythons alone',
    words: `error: No solution found when resolving dependencies
  cause: Because torch==2.8.0 has no wheels with a matching Python ABI tag (e.g., \`cp312\`) and image depends on torch==2.8.0, we can conclude that your requirements are unsatisfiable.`,
    then: {kind: 'absent', wanted: 'torch==2.8.0', misses: 'Python'}
  },
  {
    given: 'a name that nobody published',
    words: `error: No solution found when resolving dependencies
  cause: Because nosuchpackage-xyz was not found in the package registry and image depends on nosuchpackage-xyz, we can conclude that your requirements are unsatisfiable.`,
    then: {kind: 'other'}
  },
  {
    given: 'a package whose name only begins like ours',
    words: `  cause: Because there is no version of torchtext==9 and image depends on torchtext==9, we can conclude that your requirements are unsatisfiable.`,
    then: {kind: 'other'}
  }
] as const

describe('readUnresolved', () => {
  test.each(ROWS)('given $given, then it is known as $then.kind', ({words, then}) => {
    expect(readUnresolved(words, PINS)).toEqual(then)
  })
})
