/** The sides of a scenario work one at a time. */

/**
 * Lets the other sides do as much and waits until it is this one's turn again, so that what slows the machine down for a while
 * slows all of them. A side that is run by hand goes on.
 */
export async function otherSides(): Promise<void> {
  if (process.send === undefined) return;
  const { promise, resolve } = Promise.withResolvers<unknown>();
  process.once('message', resolve);
  process.send('turn');
  await promise;
}
