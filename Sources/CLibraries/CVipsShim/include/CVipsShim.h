#pragma once
#include <stddef.h>

// libvips in plain types: its calls are variadic and its types are GLib's, and neither should reach Swift.
// Functions that can fail return NULL or a number other than 0, and leave a text for millrace_vips_take_error.
// libvips keeps that text per process, so one thread at a time may use this.

/// An open file to decode from. Owned by the caller until millrace_source_close.
typedef struct millrace_source millrace_source;
/// A picture, decoded or not yet. Owned by the caller until millrace_picture_close.
typedef struct millrace_picture millrace_picture;

/// What a picture's header says.
typedef struct {
  int width;
  int height;
  /// The height of one frame, where the picture holds several below each other.
  int frame_height;
  int pages;
  /// 1 to 8, as EXIF numbers them.
  int orientation;
  int has_alpha;
  /// Whether the colours are those of printing inks: CMYK.
  int is_ink;
  /// libvips' name of the loader: `jpegload_source`.
  char loader[64];
} millrace_picture_facts;

/// A part of a picture, in pixels from its top left.
typedef struct {
  int left;
  int top;
  int width;
  int height;
} millrace_rectangle;

/// Starts libvips with one thread, no cache, and the loaders for JPEG, PNG, WebP and GIF alone.
int millrace_vips_start(const char *program);
const char *millrace_vips_version(void);
/// Copies the last error's text, cut to fit, and forgets it.
void millrace_vips_take_error(char *text, size_t size);

/// Reads from a descriptor, which stays the caller's.
millrace_source *millrace_source_open(int descriptor);
void millrace_source_close(millrace_source *source);
/// Whether any allowed loader knows the content.
int millrace_source_is_known(millrace_source *source);

/// Reads the header; decodes nothing.
millrace_picture *millrace_picture_open(millrace_source *source);
void millrace_picture_close(millrace_picture *picture);
void millrace_picture_read_facts(millrace_picture *picture, millrace_picture_facts *facts);
/// Whether it carries a field of libvips' names: `exif-data`, `icc-profile-data`.
int millrace_picture_has_field(millrace_picture *picture, const char *name);
/// Reads a pixel as at most 4 numbers; sets how many.
int millrace_picture_read_pixel(millrace_picture *picture, int x, int y, double *bands, int *count);

/// Decodes upright, in sRGB, into memory, no larger than the box and never enlarged. A file that ends early fails.
/// `managed` converts by the embedded profile, or by libvips' own for inks. Without either it must be 0: libvips would
/// bring plain sRGB to the output profile without adapting the white point, and blue would turn violet.
millrace_picture *millrace_picture_decode(millrace_source *source, int width, int height, int managed);
/// Decodes every frame in full into memory, one below the other, as stored: neither turned nor in sRGB.
millrace_picture *millrace_source_decode_frames(millrace_source *source);
/// Takes one frame, from 0, out of what millrace_source_decode_frames made, and turns it upright.
millrace_picture *millrace_frames_take(millrace_picture *frames, int number);
/// Cuts a part out of each frame once it is upright and scales it to a size, in sRGB; times and repetitions are kept.
/// `managed` as for millrace_picture_decode.
millrace_picture *millrace_frames_scale(millrace_picture *frames, millrace_rectangle part, int width, int height,
                                        int managed);
/// Cuts a part out of a decoded picture into memory.
millrace_picture *millrace_picture_cut(millrace_picture *picture, millrace_rectangle part);
/// Finds the part of a size that libvips thinks the most interesting: by what draws the eye, or else by disorder. Only
/// the place of the rectangle is written.
int millrace_picture_find(millrace_picture *picture, int by_attention, millrace_rectangle *part);
/// A small black picture.
millrace_picture *millrace_picture_blank(void);
/// Reduces a decoded picture to fit the box; never enlarges.
millrace_picture *millrace_picture_reduce(millrace_picture *picture, int width, int height);
/// Lays a picture on a background, 0 to 255 each, which takes its transparency away.
millrace_picture *millrace_picture_flatten(millrace_picture *picture, double red, double green, double blue);
/// Compresses; quality is 1 to 100. The bytes are freed with millrace_vips_free.
int millrace_picture_encode_webp(millrace_picture *picture, int quality, void **bytes, size_t *count);
int millrace_picture_encode_jpeg(millrace_picture *picture, int quality, void **bytes, size_t *count);
int millrace_picture_encode_png(millrace_picture *picture, void **bytes, size_t *count);
/// Fails where the library has no AV1 encoder.
int millrace_picture_encode_avif(millrace_picture *picture, int quality, void **bytes, size_t *count);
void millrace_vips_free(void *bytes);
