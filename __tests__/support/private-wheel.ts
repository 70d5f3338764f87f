/**
 * A Python project whose module `private_wheel` holds these words.
 *
 * It brings its own build backend, so that nothing else is fetched. `says` tells what `pyproject.toml` states: all that
 * its users need to know, or a version that only its own code tells.
 */
export function privateWheel(words: string, says: 'all' | 'no version' = 'all'): Readonly<Record<string, string>> {
  const version = says === 'all' ? 'version = "1.0"' : 'dynamic = ["version"]'
  return {
    'pyproject.toml': `[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n[project]\nname = "private-wheel"\n${version}\n`,
    'backend.py': `import zipfile
def build_wheel(directory, config_settings=None, metadata_directory=None):
    name, info = 'private_wheel-1.0-py3-none-any.whl', 'private_wheel-1.0.dist-info'
    with zipfile.ZipFile(f'{directory}/{name}', 'w') as wheel:
        wheel.writestr('private_wheel.py', 'WORDS = "${words}"\\n')
        wheel.writestr(f'{info}/METADATA', 'Metadata-Version: 2.1\\nName: private-wheel\\nVersion: 1.0\\n')
        wheel.writestr(f'{info}/WHEEL', 'Wheel-Version: 1.0\\nGenerator: here\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
        wheel.writestr(f'{info}/RECORD', '')
    return name
`
  }
}
