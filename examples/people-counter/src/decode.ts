/** What are the pixels of a JPEG? */
import jpeg from 'jpeg-js';

/** Three bytes a pixel, red, green and blue, row by row. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
}

/** Throws for what is no JPEG, and for pictures of more than 9 megapixels. */
export function decodeJpeg(bytes: Uint8Array): Picture {
  const { width, height, data } = jpeg.decode(bytes, {
    useTArray: true,
    formatAsRGBA: false,
    maxResolutionInMP: 9,
    maxMemoryUsageInMB: 256,
  });
  return { width, height, rgb: data };
}
