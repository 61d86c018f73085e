import { strict as assert } from 'node:assert'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { parse, stringify } from 'yaml'
import { amiEvent, FakeAsterisk } from '../support/fake-asterisk.ts'
import { LiveProgram } from '../support/live-program.ts'
import { root } from '../support/package.ts'
import { type Scrape, scrapeUntil } from '../support/scrape.ts'

const rulesFile = join(root, 'docs/alert-rules.yml')
const hasPromtool = spawnSync('promtool', ['--version']).error === undefined
const NO_PROMTOOL = 'no promtool: make rules-test fetches it'
const folder = mkdtempSync(join(tmpdir(), 'ami-track-rules-'))
let scraped: Scrape

before(async () => {
  const server = await FakeAsterisk.start()
  const program = LiveProgram.start(server, ['ami-track', '--metrics', '127.0.0.1:0', '--state', join(folder, 'state')])
  await server.session()
  server.send(amiEvent('Hold', { Channel: 'PJSIP/1001-1', Uniqueid: '1.1' }))
  scraped = await scrapeUntil(program, (samples) => samples.has('ami_track_lag_seconds'))
  await program.stop()
  await server.stop()
})
after(() => rmSync(folder, { recursive: true }))

/** The selectors of an expression: a metric, and what it asks of the labels that are the metric's own. */
function selectorsOf(
  expression: string,
): { name: string; labels: [label: string, operator: string, value: string][] }[] {
  return [...expression.matchAll(/\b((?:ami_track|process|nodejs)_\w+)(?:\{([^}]*)\})?/g)].map(
    ([, name = '', inner = '']) => ({
      name,
      labels: [...inner.matchAll(/(\w+)(=~|=)"([^"]*)"/g)].flatMap(([, label = '', operator = '', value = '']) =>
        label === 'job' || label === 'instance' || label === 'pbx'
          ? []
          : [[label, operator, value] as [string, string, string]],
      ),
    }),
  )
}

/** Every metric and every label of an expression is in a scrape. */
function isFound(expression: string): void {
  const selectors = selectorsOf(expression)
  assert.ok(selectors.length > 0 || /\bup\{/.test(expression), `nothing is asked for: ${expression}`)
  for (const { name, labels } of selectors) {
    const series = [...scraped.samples.keys()].filter((key) => key.replace(/\{.*/, '') === name)
    assert.ok(series.length > 0, `${name} is in no scrape`)
    for (const [label, operator, value] of labels) {
      for (const one of operator === '=~' ? value.split('|') : [value]) {
        assert.ok(
          series.some((key) => key.includes(`${label}="${one}"`)),
          `${name} has no ${label}="${one}"`,
        )
      }
    }
  }
  for (const [, labels = ''] of expression.matchAll(/\bby \(([^)]*)\)/g)) {
    for (const label of labels.split(', ').filter((name) => name !== 'instance' && name !== 'pbx')) {
      assert.ok(
        selectors.some(({ name }) =>
          [...scraped.samples.keys()].some((key) => key.startsWith(`${name}{`) && key.includes(`${label}="`)),
        ),
        label,
      )
    }
  }
}

interface Rule {
  alert: string
  expr: string
  for?: string
  labels: { severity: string }
  annotations: { summary: string; description: string }
}
const rules: Rule[] = parse(readFileSync(rulesFile, 'utf8')).groups.flatMap(
  ({ rules: some }: { rules: Rule[] }) => some,
)

describe('docs/alert-rules.yml', () => {
  for (const rule of rules) {
    it(`${rule.alert} asks for metrics and labels that a daemon has, and says what to do`, () => {
      isFound(rule.expr)
      assert.match(rule.labels.severity, /^(warning|critical)$/)
      assert.ok(rule.annotations.summary.includes('{{ $labels.instance }}'))
      assert.ok(rule.annotations.description.length > 0)
    })
  }

  it('is taken by promtool', (t) => {
    if (!hasPromtool) return t.skip(NO_PROMTOOL)
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'rules', rulesFile], { encoding: 'utf8' })
    assert.equal(status, 0, stdout + stderr)
  })

  // A day in January 1970 is where promtool begins: a Thursday, at 0 h UTC.
  const trouble: { alert: string; at: string; series: Record<string, string>; labels?: Record<string, string> }[] = [
    { alert: 'AmiTrackDown', at: '5m', series: { up: '0x600' } },
    { alert: 'AmiTrackNotConnected', at: '10m', series: { ami_track_connected: '0x600' } },
    { alert: 'AmiTrackReconnects', at: '15m', series: { ami_track_reconnects_total: '0+1x600' } },
    {
      alert: 'AmiTrackNobodyWrites',
      at: '10m',
      series: { ami_track_connected: '1x600', 'ami_track_turn{role="listening"}': '1x600' },
    },
    {
      alert: 'AmiTrackNoEvents',
      at: '9h',
      series: { ami_track_connected: '1x600', ami_track_last_event_timestamp_seconds: '60x600' },
    },
    {
      alert: 'AmiTrackNoLines',
      at: '8h',
      series: {
        'ami_track_events_total{event="Hold"}': '0+1x600',
        'ami_track_lines_total{verb="CALLERONHOLD"}': '0x600',
        'ami_track_turn{role="active"}': '1x600',
      },
    },
    { alert: 'AmiTrackLinesWait', at: '10m', series: { ami_track_queue_depth: '200x600' } },
    {
      alert: 'AmiTrackLinesLost',
      at: '10m',
      series: { 'ami_track_unwritten_lines_total{reason="refused"}': '0+1x600' },
      labels: { reason: 'refused' },
    },
    { alert: 'AmiTrackStateWaits', at: '10m', series: { ami_track_state_waiting_bytes: '5000x600' } },
    { alert: 'AmiTrackStateNotKept', at: '10m', series: { ami_track_state_kept: '0x600' } },
    { alert: 'AmiTrackLag', at: '10m', series: { ami_track_lag_seconds: '60x600' } },
    { alert: 'AmiTrackEventsWait', at: '10m', series: { ami_track_waiting_event_bytes: '50000000x600' } },
  ]

  it('fires each alert in its trouble, also of one PBX among many, and none while all is well', (t) => {
    if (!hasPromtool) return t.skip(NO_PROMTOOL)
    assert.deepEqual(
      trouble.map(({ alert }) => alert),
      rules.map(({ alert }) => alert),
    )
    const withTarget = (series: string): string => {
      const [, name, labels] = /^(\w+)(?:\{(.*)\})?$/.exec(series) ?? []
      return `${name}{job="ami-track",instance="pbx"${labels === undefined ? '' : `,${labels}`}}`
    }
    const input = (series: Record<string, string>): object[] =>
      Object.entries(series).map(([name, values]) => ({ series: withTarget(name), values }))
    const fired = (alert: string, at: string, labels: object[]): object => ({
      eval_time: at,
      alertname: alert,
      exp_alerts: labels.map((exp_labels) => ({ exp_labels })),
    })
    const well = {
      up: '1x600',
      ami_track_connected: '1x600',
      ami_track_reconnects_total: '1x600',
      'ami_track_turn{role="active"}': '1x600',
      'ami_track_turn{role="listening"}': '0x600',
      ami_track_last_event_timestamp_seconds: '0+60x600',
      'ami_track_events_total{event="Hold"}': '0+1x600',
      'ami_track_lines_total{verb="CALLERONHOLD"}': '0+1x600',
      ami_track_queue_depth: '3x600',
      'ami_track_unwritten_lines_total{reason="refused"}': '0x600',
      'ami_track_unwritten_lines_total{reason="theirs"}': '0+5x600',
      ami_track_lag_seconds: '0.02x600',
      ami_track_state_kept: '1x600',
      ami_track_state_waiting_bytes: '0x600',
      ami_track_waiting_event_bytes: '1000x600',
    }
    // The same of one PBX of many in a process, beside others that are well.
    const ofMany = (series: Record<string, string>, pbx: string): object[] =>
      Object.entries(series).map(([name, values]) => ({
        series: name === 'up' ? withTarget(name) : withTarget(name).replace('}', `,pbx="${pbx}"}`),
        values,
      }))
    const { up: _up, ...wellOfMany } = well
    const amongMany = trouble
      .filter(({ alert }) => alert !== 'AmiTrackDown')
      .map(({ alert, at, series, labels = {} }) => ({
        interval: '1m',
        input_series: [...ofMany(series, 'north'), ...ofMany(wellOfMany, 'south')],
        promql_expr_test: [
          {
            expr: `count by (pbx) (ALERTS{alertname="${alert}", alertstate="firing"${Object.entries(labels)
              .map(([label, value]) => `, ${label}="${value}"`)
              .join('')}})`,
            eval_time: at,
            exp_samples: [{ labels: '{pbx="north"}', value: 1 }],
          },
        ],
      }))
    const tests = trouble.map(({ alert, at, series, labels }) => ({
      interval: '1m',
      input_series: input(series),
      // Which texts they have is promtool's own check; here it is only whether they fire.
      promql_expr_test: [
        {
          expr: `count(ALERTS{alertname="${alert}", alertstate="firing", instance="pbx"${Object.entries(labels ?? {})
            .map(([label, value]) => `, ${label}="${value}"`)
            .join('')}})`,
          eval_time: at,
          exp_samples: [{ labels: '{}', value: 1 }],
        },
      ],
    }))
    const quiet = {
      interval: '1m',
      input_series: input(well),
      alert_rule_test: trouble.map(({ alert, at }) => fired(alert, at, [])),
    }
    const night = {
      interval: '1m',
      input_series: input({ ami_track_connected: '1x600', ami_track_last_event_timestamp_seconds: '60x600' }),
      alert_rule_test: [fired('AmiTrackNoEvents', '7h', [])],
    }
    const file = join(folder, 'test.yml')
    writeFileSync(
      file,
      stringify({ rule_files: [rulesFile], evaluation_interval: '1m', tests: [...tests, ...amongMany, quiet, night] }),
    )
    const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', file], { encoding: 'utf8' })
    assert.equal(status, 0, stdout + stderr)
  })
})

describe('docs/grafana-dashboard.json', () => {
  const { panels, templating } = JSON.parse(readFileSync(join(root, 'docs/grafana-dashboard.json'), 'utf8'))

  it('asks for metrics and labels that a daemon has, and shows every metric of ours', () => {
    const expressions: string[] = panels.flatMap(({ targets = [] }: { targets?: { expr: string }[] }) =>
      targets.map(({ expr }) => expr),
    )
    for (const expression of expressions) isFound(expression)
    for (const { query } of templating.list.slice(1)) isFound(query.query)
    const shown = new Set(expressions.flatMap((expression) => selectorsOf(expression).map(({ name }) => name)))
    const ours = [...scraped.types.keys()].filter((name) => name.startsWith('ami_track_'))
    assert.deepEqual(
      ours.filter((name) => !shown.has(name)),
      [],
    )
  })

  it('says of each panel what it means that there is no data, and where a number begins to be bad', () => {
    const ofTitle = new Map<string, { type: string; fieldConfig: { defaults: Record<string, unknown> } }>(
      panels.map((panel: { title: string }) => [panel.title, panel]),
    )
    for (const [title, { fieldConfig }] of ofTitle) assert.match(String(fieldConfig.defaults.noValue), /^[a-z-]/, title)
    for (const title of ['Answers', 'Last event', 'Lag', 'Lines waiting', 'Events waiting', 'State is complete']) {
      assert.ok(ofTitle.get(title)?.fieldConfig.defaults.thresholds !== undefined, title)
    }
    assert.deepEqual(
      panels.filter(({ type }: { type: string }) => type === 'alertlist').map(({ title }: { title: string }) => title),
      ['Alerts'],
    )
  })

  it('can be narrowed to one PBX of many, where that is said of a metric', () => {
    const variable = templating.list.find(({ name }: { name: string }) => name === 'pbx')
    assert.equal(variable.allValue, '.*')
    for (const { targets = [] } of panels as { targets?: { expr: string }[] }[]) {
      for (const { expr } of targets) {
        const isOfProcess = /^(up|rate\(process_|process_|ami_track_build_info)/.test(expr)
        assert.equal(expr.includes('pbx=~"$pbx"'), !isOfProcess, expr)
      }
    }
  })

  it('has panels that neither overlap nor share a number', () => {
    const ids = panels.map(({ id }: { id: number }) => id)
    assert.equal(new Set(ids).size, ids.length)
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }: { gridPos: Record<'x' | 'y' | 'w' | 'h', number> }) =>
      Array.from({ length: w * h }, (_, n) => `${x + (n % w)},${y + Math.floor(n / w)}`),
    )
    assert.equal(new Set(cells).size, cells.length)
  })
})

describe('docs/metrics.md', () => {
  it('tells of every metric of ours, and of no other', () => {
    const told = readFileSync(join(root, 'docs/metrics.md'), 'utf8').match(/\bami_track_\w+/g) ?? []
    const ours = [...scraped.types.keys()].filter((name) => name.startsWith('ami_track_'))
    assert.deepEqual([...new Set(told)].sort(), ours.sort())
  })
})

describe('the text of a scrape', () => {
  it('is taken by promtool, which finds nothing to say against what is ours in it', (t) => {
    if (!hasPromtool) return t.skip(NO_PROMTOOL)
    const input = scraped.text.split('\n\n').filter((family) => family.startsWith('# HELP ami_track_'))
    assert.ok(input.length > 10)
    const said = spawnSync('promtool', ['check', 'metrics'], { input: `${input.join('\n')}\n`, encoding: 'utf8' })
    assert.deepEqual([said.status, said.stdout, said.stderr], [0, '', ''])
  })
})
