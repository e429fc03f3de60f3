/** The version of this build, from package.json: the one place where it stands. */
import manifest from '../../package.json' with { type: 'json' };

export const VERSION: string = manifest.version;
