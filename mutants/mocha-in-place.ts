import { register } from 'node:module'

// Stryker's runner of mocha keeps one process for many mutants; that of TAP starts one for each mutant and test file.
register('./resolve-mocha.js', import.meta.url)
