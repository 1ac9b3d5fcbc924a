declare global {
  namespace App {
    interface PageState {
      drawer?: boolean;
    }
  }
}

export {};
