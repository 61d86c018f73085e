import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor'
import { entryPoints, root } from './package.ts'

/** What an entry point of the package lets its users see, as text. */
export interface ApiReport {
  /** Where it stands in the repository: `api/parser.api.md`. */
  readonly path: string
  readonly text: string
  /** What is wrong with it: an export without a word about it, a type that nobody can name. */
  readonly faults: readonly string[]
}

/** The reports of all entry points, as the code is now. */
export function apiReports(): ApiReport[] {
  const folder = mkdtempSync(join(tmpdir(), 'ami-track-api-'))
  try {
    return [...entryPoints.values()].map((file) => reportOf(file.replace(/\.ts$/, ''), folder))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Writes them into the repository: what changed shows as a git diff. */
export function writeApiReports(): void {
  mkdirSync(join(root, 'api'), { recursive: true })
  for (const { path, text } of apiReports()) writeFileSync(join(root, path), text)
}

function reportOf(name: string, folder: string): ApiReport {
  const faults: string[] = []
  const config = ExtractorConfig.prepare({
    configObject: {
      projectFolder: root,
      mainEntryPointFilePath: join(root, `dist/lib/${name}.d.ts`),
      // The compiler that comes with the extractor reads declarations alone, and no setting of this project's own.
      compiler: {
        overrideTsconfig: {
          compilerOptions: { target: 'es2022', lib: ['es2023'], module: 'nodenext', types: ['node'], strict: true },
          files: [join(root, `dist/lib/${name}.d.ts`)],
        },
      },
      apiReport: {
        enabled: true,
        reportFileName: `${name}.api.md`,
        reportFolder: folder,
        reportTempFolder: join(folder, 'made'),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      newlineKind: 'lf',
      messages: {
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Warning } },
        extractorMessageReporting: {
          default: { logLevel: ExtractorLogLevel.Warning },
          'ae-missing-release-tag': { logLevel: ExtractorLogLevel.None },
          'ae-undocumented': { logLevel: ExtractorLogLevel.Warning },
        },
        tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
      },
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: join(root, 'package.json'),
  })
  mkdirSync(join(folder, 'made'), { recursive: true })
  Extractor.invoke(config, {
    localBuild: true,
    messageCallback: (message) => {
      message.handled = true
      const isFault = ['warning', 'error'].includes(message.logLevel) && !message.messageId.startsWith('console-')
      if (isFault) faults.push(`${message.messageId}: ${message.text}`)
    },
  })
  return { path: `api/${name}.api.md`, text: readFileSync(join(folder, `${name}.api.md`), 'utf8'), faults }
}
