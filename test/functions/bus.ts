import type { Account, Passing } from '../../simulator/run/account.ts';

/** Takes what a function puts on the account's event bus, and delivers it like any other event. */
export function onTheBus(): (passing: Passing, account: Account) => Promise<object> {
  let sent = 0;
  return ({ call }, account) => {
    for (const { Detail } of (call.command.input as { Entries: { Detail: string }[] }).Entries) {
      const place = { account: '111122223333', region: 'eu-west-1', resources: [] };
      const [id, time] = [`event-${sent++}`, account.clock.now()];
      const event = { ...place, id, time, source: 'prunella', 'detail-type': 'Prunella Signal' };
      account.delivery.put({ ...event, detail: JSON.parse(Detail) });
    }
    return Promise.resolve({ FailedEntryCount: 0 });
  };
}

/** Delivers what the plan of watching sends, a second later. */
export function onTheQueue(): (passing: Passing, account: Account) => Promise<object> {
  let sent = 0;
  return ({ call }, account) => {
    for (const { MessageBody: body } of (call.command.input as { Entries: { MessageBody: string }[] }).Entries)
      account.clock.after(1, () => account.invoke('Watch', { Records: [{ messageId: `m${sent++}`, body }] }));
    return Promise.resolve({});
  };
}
