import { describe, expect, test } from 'vitest';
import { hueOf, shortName } from './names';
import { containerHref, safeNext, selectorsOf, serviceHref } from './links';
import { container } from './testing';
import { ago, clockMs, columnTime, dayLabel, dayOf, duration, exactTime, zoneName } from './time';
import { lightOf, stateWords, treeOf } from './tree';
import {
  behindWords,
  bytes,
  count,
  errorWords,
  gapWords,
  linesRate,
  markIsBad,
  marksWords,
  rate,
  scopeWords
} from './words';

const gap = {
  container_id: '1',
  from: '1:5',
  to: '1:9',
  missed: 1_204,
  since: '2026-11-21T14:02:07.114Z',
  until: '2026-11-21T14:02:07.871Z',
  reason: 'rotated-away'
};

describe('words', () => {
  test('for gaps', () => {
    expect(gapWords(gap, 'utc')).toBe(
      '1,204 lines were rotated away before they could be read, 14:02:07.114 to 14:02:07.871'
    );
    expect(gapWords({ ...gap, missed: null, since: null, until: null, reason: 'damaged' }, 'utc')).toBe(
      'Lines, nobody can know how many, stand in a damaged part of the log file'
    );
    expect(gapWords({ ...gap, missed: 1, reason: 'something-new', until: null }, 'utc')).toBe(
      '1 line is missing, after 14:02:07.114'
    );
  });

  test('for marks: what went wrong', () => {
    expect(markIsBad({ kind: 'exited', text: 'web exited 137 (out of memory)' })).toBe(true);
    expect(markIsBad({ kind: 'exited', text: 'web exited 0' })).toBe(false);
    expect(markIsBad({ kind: 'health', text: 'web became healthy' })).toBe(false);
    expect(markIsBad({ kind: 'health', text: 'web became unhealthy' })).toBe(true);
  });

  test('for marks in a row: the name once', () => {
    const mark = (text: string) => ({
      container_id: '1',
      name: 'web',
      after: '1:1',
      timestamp: '',
      kind: 'exited',
      text,
      detail: {}
    });
    expect(marksWords([mark('web exited 137'), mark('web was restarted'), mark('website?')])).toBe(
      'web exited 137 · was restarted · website?'
    );
  });

  test('for numbers', () => {
    expect([count(1_204_331), bytes(812), bytes(1_234_567), bytes(999_999)]).toEqual([
      '1,204,331',
      '812 B',
      '1.2 MB',
      '1.0 MB'
    ]);
    expect([linesRate(0), linesRate(1), linesRate(0.4)]).toEqual(['– lines/s', '1 line/s', '0.4 lines/s']);
    expect([rate(0), rate(0.4), rate(312), rate(12_345)]).toEqual(['–', '0.4/s', '312/s', '12k/s']);
  });
});

describe('times', () => {
  const time = Date.parse('2026-11-21T14:02:07.113Z');
  test('in their formats', () => {
    expect(clockMs(time, 'utc')).toBe('14:02:07.113');
    expect(columnTime(time, 'utc', 'datetime')).toBe('11-21 14:02:07.113');
    expect(columnTime(time, 'utc', 'iso')).toBe('2026-11-21T14:02:07.113Z');
    expect(dayLabel(time, 'utc', time)).toBe('Sat 21 Nov');
    expect(dayLabel(time, 'utc', time + 1e11)).toBe('Sat 21 Nov 2026');
    expect(zoneName(time, 'utc')).toBe('UTC');
  });

  test('exact to the nanosecond', () => {
    expect(exactTime('2026-11-21T14:02:07.113123456Z', 'utc', time + 180_000)).toBe(
      '2026-11-21 14:02:07.113123456 UTC · 3 minutes ago'
    );
  });

  test('as durations', () => {
    expect([duration(3 * 86_400_000), duration(3_600_000), duration(5), ago(5)]).toEqual([
      '3 days',
      '1 hour',
      'less than a second',
      'just now'
    ]);
  });

  test('days are numbered in order', () => {
    const day = dayOf('utc');
    expect(day(time + 86_400_000) - day(time)).toBe(1);
    expect(day(time)).toBe(day(time + 3_600_000));
  });
});

describe('names', () => {
  test('a hue is stable, one of ten, and replicas spread', () => {
    expect(hueOf('web-1')).toBe(hueOf('web-1'));
    const hues = new Set(Array.from({ length: 200 }, (_, index) => hueOf(`web-${index}`)));
    expect([...hues].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  test('inside a stack the service names a container', () => {
    expect(shortName({ name: 'shop-web-1', service: 'web', number: 1 })).toBe('web-1');
    expect(shortName({ name: 'traefik', service: null, number: null })).toBe('traefik');
  });
});

describe('links', () => {
  test('name what is there and number what is gone', () => {
    const web = container({ name: 'shop web' });
    expect(containerHref(web)).toBe('/logs?container=shop%20web');
    expect(containerHref({ ...web, present: false })).toBe(`/logs?container=${web.id.slice(0, 12)}`);
    expect(serviceHref('shop', 'web')).toBe('/logs?stack=shop&service=web');
    expect(selectorsOf(new URLSearchParams('container=a&container=b&stack='))).toEqual({
      container: ['a', 'b'],
      stack: [],
      service: [],
      engine: []
    });
  });

  test('lead back to this site only', () => {
    expect(['/logs?a=1', '//evil', '/\\evil', 'https://evil', null].map(safeNext)).toEqual([
      '/logs?a=1',
      '/',
      '/',
      '/',
      '/'
    ]);
  });
});

describe('the tree', () => {
  const all = [
    container({ name: 'shop-web-1', stack: 'shop', service: 'web', number: 1 }),
    container({ name: 'shop-web-2', stack: 'shop', service: 'web', number: 2, state: 'exited', exit_code: 137 }),
    container({ name: 'loose' }),
    container({ name: 'was', present: false })
  ];

  test('groups by stack and service, loose ones last, gone ones apart', () => {
    const tree = treeOf(all);
    expect(tree.stacks.map(({ name, count, running }) => [name, count, running])).toEqual([
      ['shop', 2, 1],
      [null, 1, 1]
    ]);
    expect(tree.stacks[0]?.services[0]?.containers.length).toBe(2);
    expect(tree.gone.map(({ name }) => name)).toEqual(['was']);
  });

  test('filters by name, image, stack and service', () => {
    expect(treeOf(all, 'WEB').stacks[0]?.count).toBe(2);
    expect(treeOf(all, 'nothing').stacks).toEqual([]);
  });

  test('tells trouble by light and word', () => {
    expect(all.map(lightOf)).toEqual(['up', 'bad', 'up', 'up']);
    expect(stateWords(all[1] as (typeof all)[0])).toBe('exited 137');
    expect(stateWords({ ...(all[0] as (typeof all)[0]), health: 'unhealthy' })).toBe('unhealthy');
  });
});

test('says how far behind a line is shown', () => {
  expect([-3, 0, 45.4, 999.4, 1_250, 61_000].map(behindWords)).toEqual([
    '0 ms behind',
    '0 ms behind',
    '45 ms behind',
    '999 ms behind',
    '1.3 s behind',
    '1 minute behind'
  ]);
});

test('says what somebody’s sight is limited to', () => {
  expect(scopeWords([['local/stack:shop', 'local/stack:bank'], ['label:team=blue']])).toBe(
    'what fits local/stack:shop or local/stack:bank and what fits label:team=blue'
  );
});

test('an error is told as a sentence', () => {
  expect(errorWords(new Error('the name is taken'))).toBe('The name is taken.');
  expect(errorWords('Try again later!')).toBe('Try again later!');
  expect(errorWords(new Error(''))).toBe('.');
});
