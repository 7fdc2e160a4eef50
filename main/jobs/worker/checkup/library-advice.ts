/** What a person can do where a native library does not load, by what the system says. */
const advice: readonly (readonly [RegExp, string])[] = [
  [/GLIBC(XX)?_|libstdc\+\+/i, 'this Linux is too old for it: use a newer one (glibc 2.28 or later)'],
  [/onnxruntime-node|onnxruntime_binding|cannot find (module|package)/i, 'install again with: npm ci'],
  [/specified module could not be found|DLL/i, 'install the Microsoft Visual C++ Redistributable, then try again'],
  [
    /wrong ELF class|invalid ELF header|incompatible architecture|not a valid Win32/i,
    'it is for another kind of processor: run npm ci on this machine',
  ],
  [
    /permission denied|operation not permitted/i,
    'the system forbids to load it: move the folder to a place from which programs may be run',
  ],
]

/** @param platform as in `process`: onnxruntime comes without a binary for Macs with Intel processors */
export function libraryAdvice(message: string, platform: string): string {
  if (platform === 'darwin-x64') return 'there is no binary of it for Macs with an Intel processor: use another machine'
  const known = advice.find(([pattern]) => pattern.test(message))
  return known?.[1] ?? 'install again with: npm ci, and report this message if it stays'
}
