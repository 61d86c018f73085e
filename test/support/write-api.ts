import { writeApiReports } from './api-reports.ts'

/** Writes the reports of the API anew. */
writeApiReports()
