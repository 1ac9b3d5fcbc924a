/** What the specs are told from outside, and where they leave things. */
export const SETUP_LINK = process.env['MINIMAN_SETUP_LINK'] ?? '';
/** The OpenID Connect provider at which people may log in. */
export const PROVIDER = process.env['MINIMAN_PROVIDER'] ?? '';
export const IMAGE = process.env['MINIMAN_SAMPLE_IMAGE'] ?? 'miniman-sample:latest';
export const SCREENSHOTS = process.env['MINIMAN_SCREENSHOTS'] ?? 'test-results/screenshots';
export const STORAGE_STATE = 'test-results/admin.json';
export const ADMIN = { username: 'admin', password: 'correct horse battery' };
