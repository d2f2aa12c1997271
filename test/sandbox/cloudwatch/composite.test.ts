import { describe, expect, it } from 'vitest';

import { account, alarmInput } from './account.ts';

describe('a composite alarm', () => {
  function withChildren() {
    const aws = account();
    // Missing data is ignored, so that the state set by hand stays.
    for (const name of ['A', 'B'])
      aws.call('PutMetricAlarm', alarmInput({ AlarmName: name, MetricName: name, TreatMissingData: 'ignore' }));
    const set = (AlarmName: string, StateValue: string) =>
      aws.call('SetAlarmState', { AlarmName, StateValue, StateReason: 'test' });
    return { ...aws, set };
  }

  it.each([
    ['ALARM(A) OR ALARM(B)', 'ALARM', 'OK', 'ALARM'],
    ['ALARM(A) AND ALARM(B)', 'ALARM', 'OK', 'OK'],
    ['ALARM("A") AND NOT ALARM("B")', 'ALARM', 'OK', 'ALARM'],
    ['ALARM(A) AND OK(arn:aws:cloudwatch:us-east-1:123456789012:alarm:B)', 'ALARM', 'OK', 'ALARM'],
    ['INSUFFICIENT_DATA(A)', 'OK', 'OK', 'OK'],
    ['(ALARM(A) OR ALARM(B)) AND FALSE', 'ALARM', 'ALARM', 'OK'],
    ['ALARM(B) AND ALARM(B) OR ALARM(A)', 'ALARM', 'OK', 'ALARM'],
    ['TRUE', 'OK', 'OK', 'ALARM'],
  ])('%s with A in %s and B in %s is %s', (AlarmRule, a, b, state) => {
    const aws = withChildren();
    aws.call('PutCompositeAlarm', { AlarmName: 'Any', AlarmRule });

    aws.set('A', a);
    aws.set('B', b);

    expect(aws.state('Any')).toBe(state);
  });

  it('says which alarm made it change, and when', () => {
    const aws = withChildren();
    aws.call('PutCompositeAlarm', { AlarmName: 'Any', AlarmRule: 'ALARM(A) OR ALARM(B)' });

    aws.set('A', 'ALARM');

    const [, change] = aws.eventsOf('Any');
    expect(change!.detail.state).toMatchObject({
      value: 'ALARM',
      reason:
        'arn:aws:cloudwatch:us-east-1:123456789012:alarm:A transitioned to ALARM at Monday 02 March, 2026 10:00:00 UTC',
    });
    expect(change!.detail.configuration).toEqual({ alarmRule: 'ALARM(A) OR ALARM(B)' });
  });

  it('of composite alarms follows them', () => {
    const aws = withChildren();
    aws.call('PutCompositeAlarm', { AlarmName: 'Inner', AlarmRule: 'ALARM(A)' });
    aws.call('PutCompositeAlarm', { AlarmName: 'Outer', AlarmRule: 'ALARM(Inner) AND NOT ALARM(B)' });

    aws.set('A', 'ALARM');

    expect(aws.state('Outer')).toBe('ALARM');
  });

  it('keeps its children from being deleted', () => {
    const aws = withChildren();
    aws.call('PutCompositeAlarm', { AlarmName: 'Any', AlarmRule: 'ALARM(A)' });

    expect(() => aws.call('DeleteAlarms', { AlarmNames: ['A'] })).toThrow(/composite alarm\(s\) depending on it: Any/);
    aws.call('DeleteAlarms', { AlarmNames: ['A', 'Any'] });

    expect(aws.state('A')).toBeUndefined();
    expect(aws.state('Any')).toBeUndefined();
  });

  it('is refused when its rule names an alarm that does not exist, or cannot be read', () => {
    const aws = withChildren();

    expect(() => aws.call('PutCompositeAlarm', { AlarmName: 'Any', AlarmRule: 'ALARM(Ghost)' })).toThrow(
      /\[Ghost\] in the alarm rule do not exist/,
    );
    expect(() => aws.call('PutCompositeAlarm', { AlarmName: 'Any', AlarmRule: 'ALARM(A) AND' })).toThrow(
      /unexpected end/,
    );
  });

  // "Composite alarm action suppression", CloudWatch User Guide: examples 1, 2, 4 and 5.
  describe('with a suppressor', () => {
    const topic = 'arn:aws:sns:us-east-1:123456789012:page';
    function suppressed() {
      const aws = withChildren();
      aws.call('PutCompositeAlarm', {
        AlarmName: 'Any',
        AlarmRule: 'ALARM(A)',
        AlarmActions: [topic],
        ActionsSuppressor: 'B',
        ActionsSuppressorWaitPeriod: 20,
        ActionsSuppressorExtensionPeriod: 30,
      });
      // The wait period of its first transition passes.
      aws.set('B', 'OK');
      aws.clock.pass(30);
      return aws;
    }

    it('acts after the wait period when the suppressor did not come', () => {
      const aws = suppressed();
      aws.set('A', 'ALARM');
      aws.clock.pass(14);
      expect(aws.actions).toEqual([]);
      expect(aws.eventsOf('Any').at(-1)!.detail.state).toMatchObject({ actionsSuppressedBy: 'WaitPeriod' });

      aws.clock.pass(15);

      expect(aws.actions).toEqual([{ action: topic, alarm: 'Any', state: 'ALARM' }]);
    });

    it('does not act when the suppressor is in ALARM by then, until the extension period after it is over', () => {
      const aws = suppressed();
      aws.set('A', 'ALARM');
      aws.set('B', 'ALARM');
      aws.clock.pass(40);
      expect(aws.actions).toEqual([]);

      aws.set('B', 'OK');
      aws.clock.pass(25);
      expect(aws.actions).toEqual([]);
      aws.clock.pass(15);

      expect(aws.actions).toEqual([{ action: topic, alarm: 'Any', state: 'ALARM' }]);
    });

    it('does not act while the suppressor is in ALARM already', () => {
      const aws = suppressed();
      aws.set('B', 'ALARM');

      aws.set('A', 'ALARM');
      aws.clock.pass(40);

      expect(aws.actions).toEqual([]);
    });
  });
});
