import { describe, expect, it } from 'vitest';
import { allowed, looksWhole, patternsOf, PERMISSIONS } from './permissions';

describe('permissions', () => {
  it('says what a role allows, in the order in which permissions are shown', () => {
    expect(allowed({ name: 'viewer', built_in: true, permissions: ['see_logs'] })).toBe('sees logs');
    expect(allowed({ name: 'reader', built_in: false, permissions: ['export', 'see_logs'] })).toBe('see logs, export');
    expect(allowed({ name: 'none', built_in: false, permissions: [] })).toBe('nothing');
    const all = PERMISSIONS.map(({ permission }) => permission);
    expect(new Set(all).size).toBe(8);
  });

  it('takes a pattern a line and asks about whole ones', () => {
    expect(patternsOf(' local/stack:shop \n\n*/name:web-*\n')).toEqual(['local/stack:shop', '*/name:web-*']);
    expect(['local/stack:shop', '*/name:a', 'l/label:a=b/c'].every(looksWhole)).toBe(true);
    expect(['', 'shop', 'local/', 'local/stack', 'local/stack:', 'local/id:a'].some(looksWhole)).toBe(false);
  });
});
