/** A form that is sent: whether it is under way, and why it failed last. */
import { errorWords } from '$lib/logs/words';

export class Submission {
  busy = $state(false);
  failure = $state('');

  /** Does what was asked for. False when it failed, which `failure` tells. */
  async send(work: () => Promise<unknown>): Promise<boolean> {
    this.busy = true;
    this.failure = '';
    try {
      await work();
      return true;
    } catch (error) {
      this.failure = errorWords(error);
      return false;
    } finally {
      this.busy = false;
    }
  }
}
