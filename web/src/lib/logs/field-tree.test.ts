import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fieldTerm, withTerm } from './field-query';
import { type TreeNode, LEVEL_ENTRIES, isOpenAtFirst, levelText, nodesBelow, treeOf, valueText } from './field-tree';
import { proposedRule } from './hide-rule';
import { NOON, record } from './testing';

const below = (node: TreeNode | null) => (node ? nodesBelow(node, LEVEL_ENTRIES) : []);

describe('a line’s tree', () => {
  test('JSON, JSON behind text, logfmt', () => {
    expect(below(treeOf('{"a":1,"b":{"c":[1,2]}}')).map(({ name, size }) => [name, size])).toEqual([
      ['a', null],
      ['b', 1]
    ]);
    expect(below(treeOf('GET /x {"status":200}'))[0]).toMatchObject({ field: 'status', value: 200 });
    expect(below(treeOf('level=info msg="a b"')).map(({ value }) => value)).toEqual(['info', 'a b']);
    expect(treeOf('just text')).toBeNull();
    expect(treeOf('[1,2]')).toBeNull();
  });

  test('fields by path; any element of a list stands for its field; what the language can’t say has none', () => {
    const [a] = below(treeOf('{"a":{"b":[{"c":1}],"x y":2}}'));
    const [b, odd] = a ? nodesBelow(a, 9) : [];
    const [element] = b ? nodesBelow(b, 9) : [];
    const [c] = element ? nodesBelow(element, 9) : [];
    expect([a?.field, b?.field, element?.field, c?.field, odd?.field]).toEqual(['a', 'a.b', 'a.b', 'a.b.c', null]);
  });

  test('200 levels deep, and a level of 50,000 entries: each is made when it is opened', () => {
    let node = treeOf('{"a":'.repeat(200) + '1' + '}'.repeat(200));
    for (let level = 0; level < 199; level++) [node = null] = below(node);
    expect(below(node)[0]).toMatchObject({ name: 'a', value: 1, size: null });
    const wide = treeOf(JSON.stringify(Object.fromEntries(Array.from({ length: 50_000 }, (_, n) => [`k${n}`, n]))));
    expect(below(wide)).toHaveLength(LEVEL_ENTRIES);
    expect(wide && levelText(wide)).toBe('{50000 entries}');
    expect(wide && isOpenAtFirst(wide)).toBe(false);
  });

  test('any JSON is read without an error, and no two nodes of a level are the same', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
        const walk = (node: TreeNode) => {
          const nodes = nodesBelow(node, LEVEL_ENTRIES);
          expect(new Set(nodes.map(({ id }) => id)).size).toBe(nodes.length);
          for (const child of nodes) {
            if (child.size === null) valueText(child.value);
            else walk(child);
          }
        };
        const tree = treeOf(JSON.stringify(object));
        if (tree) walk(tree);
      })
    );
  });
});

describe('queries about a field', () => {
  test.each([
    ['status', '503', 'status:503'],
    ['msg', 'connection refused', 'msg:"connection refused"'],
    ['msg', 'say "hi" \\', 'msg:"say \\"hi\\" \\\\"'],
    ['level', 'info', '.level:info'],
    ['path', '/a/*', 'path:"/a/*"'],
    ['a.b', '>5', 'a.b:">5"'],
    ['a', '', 'a:""'],
    [null, 'x y', '"x y"'],
    [null, ' ', null],
    ['msg', 'first\nsecond', 'msg:* "first"']
  ])('%s is %s', (field, value, term) => {
    expect(fieldTerm(field, value)).toBe(term);
  });

  test('added to what is asked already', () => {
    expect(withTerm('', 'a:1')).toBe('a:1');
    expect(withTerm('x', 'a:1', true)).toBe('x -a:1');
    expect(withTerm('x OR y', 'a:1')).toBe('(x OR y) a:1');
    expect(withTerm('x a:1', 'a:1')).toBe('x a:1');
    expect(withTerm('', 'msg:* "a b"', true)).toBe('-(msg:* "a b")');
  });
});

describe('a rule that hides lines like one', () => {
  test.each([
    ['127.0.0.1 - - "GET /healthz HTTP/1.1" 200 2', '"GET /healthz HTTP/"'],
    ['{"level":"info","msg":"probe of 10.0.0.3 ok in 3ms","id":"81af"}', '"probe of" "ok in"'],
    ['2026-11-21T12:00:00Z health check passed', '"health check passed"'],
    ['\u001b[32mINFO\u001b[0m ping 17', '"INFO ping"'],
    ['1234', '"1234"'],
    ['{"msg":"said \\"hi\\" to größe"}', '"said" "hi" "to gr"']
  ])('%s', (body, rule) => {
    expect(proposedRule(record(1, 0, body), NOON, null)).toBe(rule);
  });

  test('any line gives a rule of a bounded length', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 600 }), (units) => {
        expect(proposedRule(record(1, 0, String.fromCharCode(...units)), NOON, null).length).toBeLessThan(900);
      })
    );
  });
});
