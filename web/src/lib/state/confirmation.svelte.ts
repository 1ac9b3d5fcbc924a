/** The password once more: the server asks for it before accounts and settings change, some while after the login. */
import * as api from '$lib/transport/api';
import { ApiError } from '$lib/transport/api';
import { session } from './session.svelte';

class Confirmation {
  /** Whether the dialog is open. */
  asking = $state(false);
  #answer: (given: boolean) => void = () => undefined;

  /** Does the work; when the password is asked for, asks the person, and does it then. Throws what to say. */
  async guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 'confirmation_required') throw noticed(error);
    }
    this.asking = true;
    const given = await new Promise<boolean>((answer) => (this.#answer = answer));
    this.asking = false;
    if (!given) throw new Error('Nothing was changed: the password was not given.');
    return work().catch((error: unknown) => Promise.reject(noticed(error)));
  }

  /** Throws what to say when it is not the right one. */
  async confirm(password: string): Promise<void> {
    try {
      await api.confirm(password);
    } catch (error) {
      throw noticed(error);
    }
    this.#answer(true);
  }

  cancel(): void {
    this.#answer(false);
  }
}

function noticed(error: unknown): unknown {
  session.noticed(error);
  return error;
}

export const confirmation = new Confirmation();
