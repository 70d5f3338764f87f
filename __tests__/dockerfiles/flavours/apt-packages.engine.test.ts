import {afterAll, beforeAll, describe, expect, jest, test} from '@jest/globals'
import {type FlavourStage, openFlavourStage} from './flavour-stage.ts'

// What people ask apt for, beside a package of PyPI that wants it: OpenCV loads libGL when it is imported.

jest.setTimeout(180_000)

const PYTHON_PACKAGES = 'idna==3.10 six==1.17.0 opencv-python==4.11.0.86 numpy==2.2.6'

let stage: FlavourStage

beforeAll(async () => {
  stage = await openFlavourStage('apt-packages')
  await stage.build('without', {TORCH_PACKAGES: PYTHON_PACKAGES})
  await stage.build('with', {TORCH_PACKAGES: PYTHON_PACKAGES, APT_PACKAGES: 'libgl1 libglib2.0-0 ffmpeg'})
}, 900_000)

afterAll(async () => {
  await stage?.close()
}, 300_000)

describe('packages of the distribution', () => {
  test('without them OpenCV cannot be imported', async () => {
    const ended = await stage.runIn('without', [], 'python', '-c', 'import cv2')
    expect(ended.exitCode).toBe(1)
    expect(ended.said).toMatch(/libGL\.so\.1: cannot open shared object file/)
  })

  test('libgl1 and ffmpeg are used: a film that ffmpeg makes is read by OpenCV, by the user of the image', async () => {
    const film = 'ffmpeg -v error -f lavfi -i testsrc=size=64x48:rate=10:duration=1 -pix_fmt yuv420p /tmp/film.mp4'
    const read = [
      'import cv2, os',
      'film = cv2.VideoCapture("/tmp/film.mp4")',
      'frames = []',
      'while (read := film.read())[0]: frames.append(read[1])',
      'print(len(frames), frames[0].shape, int(frames[0].std()) > 10, os.getuid())'
    ].join('\n')
    expect(await stage.runIn('with', [], 'sh', '-c', `${film} && python -c '${read}'`)).toEqual({
      exitCode: 0,
      said: '10 (48, 64, 3) True 10001'
    })
  })

  test('ffprobe comes with it, and OpenGL’s library is found by its name', async () => {
    const library = 'import ctypes; print(ctypes.CDLL("libGL.so.1") is not None)'
    const ended = await stage.runIn('with', [], 'sh', '-c', `ffprobe -version | head -n 1 && python -c '${library}'`)
    expect(ended).toEqual({exitCode: 0, said: expect.stringMatching(/^ffprobe version [\s\S]*\nTrue$/)})
  })

  test('the layers of the wheels are the same with and without them', async () => {
    expect((await stage.layersOf('with')).slice(-8)).toEqual((await stage.layersOf('without')).slice(-8))
  })

  test('a name that the distribution does not have ends the build, and is named', async () => {
    const failed = stage.build('typo', {APT_PACKAGES: 'libgl1 ffmpg'})
    await expect(failed).rejects.toThrow(/Unable to locate package ffmpg/)
  })
})
