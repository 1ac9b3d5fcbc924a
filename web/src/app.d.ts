declare global {
  interface Window {
    /** Answers that are on their way before there is a page, by their path in the API. */
    minimanFirst?: Record<string, Promise<Response>>;
  }
  namespace App {
    interface PageState {
      drawer?: boolean;
    }
  }
}

export {};
