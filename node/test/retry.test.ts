import assert from 'node:assert/strict'
import { test } from 'node:test'

import { ConfigError, Provider, RetryPolicy } from 'hookseal'

test('delays are in seconds', () => {
  assert.deepEqual(new RetryPolicy([1, 2.5, 60]).delays(), [1, 2.5, 60])
  assert.equal(new RetryPolicy([1, 2]).maxAttempts, 3)
  assert.equal(new RetryPolicy([]).maxAttempts, 1)
  assert.deepEqual(RetryPolicy.exponential(30, 4, 5).delays(), [30, 120, 480, 1920, 7680])
  assert.deepEqual(RetryPolicy.exponential(1, 2, 4, { cap: 3 }).delays(), [1, 2, 3, 3])
})

test('says what to do next', () => {
  const now = new Date('2024-01-15T10:30:00Z')
  const policy = new RetryPolicy([60, 120])
  assert.deepEqual(policy.next(1, 200), { action: 'done' })
  assert.deepEqual(policy.next(1, 500, { now }), {
    action: 'retry',
    at: new Date(now.getTime() + 60_000),
    delay: 60,
  })
  assert.deepEqual(policy.next(2, 'timeout', { now }).delay, 120)
  assert.deepEqual(policy.next(3, 500), { action: 'give_up' })
  assert.deepEqual(policy.next(1, 'blocked_address'), { action: 'give_up' })
  assert.equal(policy.next(1, 429, { retryAfter: '90' }).delay, 90)
  assert.deepEqual(Provider.builtin('standard').retry.next(1, 410), { action: 'disable' })
})

test('jitter only lengthens', () => {
  const policy = new RetryPolicy([100], { jitter: 0.1 })
  assert.equal(policy.next(1, 500).delay, 100)
  assert.equal(policy.next(1, 500, { jitter: 1 }).delay, 110)
})

test('what makes no sense is refused', () => {
  const policy = new RetryPolicy([1])
  const wrong: (() => unknown)[] = [
    () => new RetryPolicy([-1]),
    () => new RetryPolicy([NaN]),
    () => new RetryPolicy([Infinity]),
    () => new RetryPolicy([1e12]),
    () => new RetryPolicy(['1'] as never),
    () => new RetryPolicy(null as never),
    () => new RetryPolicy(5 as never),
    () => new RetryPolicy([1], { jitter: 2 }),
    () => new RetryPolicy([1], { jitter: '1' as never }),
    () => new RetryPolicy([1], null as never),
    () => RetryPolicy.exponential(1, 0.5, 3),
    () => RetryPolicy.exponential(1, 2, 1.5),
    () => RetryPolicy.exponential(1, 2, -1),
    () => RetryPolicy.exponential(1, 2, 2 ** 32),
    () => RetryPolicy.exponential(null as never, 2, 3),
    () => policy.next(1, 'sunshine' as never),
    () => policy.next(1, 70_000),
    () => policy.next(1, null as never),
    () => policy.next('1' as never, 500),
    () => policy.next(1, 500, { retryAfter: 5 as never }),
    () => policy.next(1, 500, { now: 'now' as never }),
    () => policy.next(1, 500, { jitter: NaN }),
  ]
  for (const call of wrong)
    assert.throws(call, { constructor: ConfigError, code: 'invalid_argument' }, String(call))
})
