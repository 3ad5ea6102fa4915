#include "CVipsShim.h"

#include <string.h>
#include <vips/vips.h>

static VipsImage *image(millrace_picture *picture) { return (VipsImage *)picture; }
static millrace_picture *picture(VipsImage *image) { return (millrace_picture *)image; }

// A damaged picture makes one warning a line, without bound; what matters of it arrives as an error.
static void log_grave(const gchar *domain, GLogLevelFlags level, const gchar *message, gpointer data) {
  if (level & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL)) g_log_default_handler(domain, level, message, data);
}

int millrace_vips_start(const char *program) {
  g_log_set_default_handler(log_grave, NULL);
  if (VIPS_INIT(program) != 0) return -1;
  vips_concurrency_set(1);
  vips_cache_set_max(0);
  vips_cache_set_max_mem(0);
  vips_cache_set_max_files(0);
  // A list of what is allowed: vips_block_untrusted_set leaves PDF, TIFF, HEIF and AVIF open.
  vips_operation_block_set("VipsForeignLoad", TRUE);
  vips_operation_block_set("VipsForeignLoadJpeg", FALSE);
  vips_operation_block_set("VipsForeignLoadPng", FALSE);
  vips_operation_block_set("VipsForeignLoadWebp", FALSE);
  vips_operation_block_set("VipsForeignLoadNsgif", FALSE);
  return 0;
}

const char *millrace_vips_version(void) { return vips_version_string(); }

void millrace_vips_take_error(char *text, size_t size) {
  g_strlcpy(text, vips_error_buffer(), size);
  vips_error_clear();
}

millrace_source *millrace_source_open(int descriptor) {
  return (millrace_source *)vips_source_new_from_descriptor(descriptor);
}

void millrace_source_close(millrace_source *source) { g_object_unref(source); }

int millrace_source_is_known(millrace_source *source) {
  static const char *const allowed[] = {"VipsForeignLoadJpegSource", "VipsForeignLoadPngSource",
                                        "VipsForeignLoadWebpSource", "VipsForeignLoadNsgifSource", NULL};
  // A blocked loader is still found, and refuses only when it is used.
  const char *found = vips_foreign_find_load_source((VipsSource *)source);
  return found != NULL && g_strv_contains(allowed, found);
}

millrace_picture *millrace_picture_open(millrace_source *source) {
  return picture(vips_image_new_from_source((VipsSource *)source, "", NULL));
}

void millrace_picture_close(millrace_picture *opened) { g_object_unref(opened); }

void millrace_picture_read_facts(millrace_picture *opened, millrace_picture_facts *facts) {
  VipsImage *from = image(opened);
  const char *loader = "";
  facts->width = vips_image_get_width(from);
  facts->height = vips_image_get_height(from);
  facts->frame_height = vips_image_get_page_height(from);
  facts->pages = vips_image_get_n_pages(from);
  facts->orientation = vips_image_get_orientation(from);
  facts->has_alpha = vips_image_hasalpha(from);
  facts->is_ink = vips_image_get_interpretation(from) == VIPS_INTERPRETATION_CMYK;
  if (vips_image_get_typeof(from, VIPS_META_LOADER) != 0) vips_image_get_string(from, VIPS_META_LOADER, &loader);
  g_strlcpy(facts->loader, loader, sizeof facts->loader);
}

int millrace_picture_has_field(millrace_picture *opened, const char *name) {
  return vips_image_get_typeof(image(opened), name) != 0;
}

int millrace_picture_read_pixel(millrace_picture *opened, int x, int y, double *bands, int *count) {
  double *values = NULL;
  int found = 0;
  if (vips_getpoint(image(opened), &values, &found, x, y, NULL) != 0) return -1;
  *count = VIPS_MIN(found, 4);
  memcpy(bands, values, sizeof(double) * (size_t)*count);
  g_free(values);
  return 0;
}

// vips_thumbnail_source takes "fail_on" and does not hand it to the loader (8.14), the options text arrives there.
static VipsImage *thumbnail(VipsSource *source, int width, int height, int managed) {
  VipsImage *made = NULL;
  const char *profile = managed ? "srgb" : NULL;
  int failed = vips_thumbnail_source(source, &made, width, "height", height, "size", VIPS_SIZE_DOWN, "option_string",
                                     "fail_on=truncated", "export_profile", profile, NULL);
  if (failed) return NULL;
  VipsImage *coloured = NULL;
  failed = vips_colourspace(made, &coloured, VIPS_INTERPRETATION_sRGB, NULL);
  g_object_unref(made);
  if (failed) return NULL;
  VipsImage *kept = vips_image_copy_memory(coloured);
  g_object_unref(coloured);
  // One frame of many is a picture of its own.
  if (kept != NULL) vips_image_remove(kept, VIPS_META_PAGE_HEIGHT);
  return kept;
}

static int is_profile_unusable(void) { return strstr(vips_error_buffer(), "VipsIcc") != NULL; }

millrace_picture *millrace_picture_decode(millrace_source *source, int width, int height, int managed) {
  VipsImage *decoded = thumbnail((VipsSource *)source, width, height, managed);
  // A profile that cannot be used is no reason to refuse a picture that every browser shows.
  if (decoded == NULL && managed && is_profile_unusable()) {
    vips_error_clear();
    decoded = thumbnail((VipsSource *)source, width, height, 0);
  }
  return picture(decoded);
}

millrace_picture *millrace_source_decode_frames(millrace_source *source) {
  VipsImage *opened = vips_image_new_from_source((VipsSource *)source, "", "n", -1, "access", VIPS_ACCESS_SEQUENTIAL,
                                                 "fail_on", VIPS_FAIL_ON_TRUNCATED, NULL);
  if (opened == NULL) return NULL;
  VipsImage *kept = vips_image_copy_memory(opened);
  g_object_unref(opened);
  return picture(kept);
}

millrace_picture *millrace_frames_take(millrace_picture *frames, int number) {
  VipsImage *from = image(frames);
  int height = vips_image_get_page_height(from);
  VipsImage *frame = NULL;
  if (vips_extract_area(from, &frame, 0, number * height, vips_image_get_width(from), height, NULL) != 0) return NULL;
  vips_image_remove(frame, VIPS_META_PAGE_HEIGHT);
  vips_image_remove(frame, VIPS_META_N_PAGES);
  VipsImage *upright = NULL;
  vips_autorot(frame, &upright, NULL);
  g_object_unref(frame);
  return picture(upright);
}

static VipsImage *scale_frame(millrace_picture *frames, int number, millrace_rectangle part, int width, int height,
                              const char *profile) {
  millrace_picture *frame = millrace_frames_take(frames, number);
  if (frame == NULL) return NULL;
  VipsImage *cut = NULL, *scaled = NULL, *coloured = NULL;
  if (vips_extract_area(image(frame), &cut, part.left, part.top, part.width, part.height, NULL) == 0 &&
      vips_thumbnail_image(cut, &scaled, width, "height", height, "size", VIPS_SIZE_FORCE, "export_profile", profile,
                           NULL) == 0)
    vips_colourspace(scaled, &coloured, VIPS_INTERPRETATION_sRGB, NULL);
  g_clear_object(&scaled);
  g_clear_object(&cut);
  millrace_picture_close(frame);
  return coloured;
}

// Frames are scaled one by one: scaled in one piece, each would take on a line of its neighbours.
static VipsImage *scale_frames(millrace_picture *frames, millrace_rectangle part, int width, int height, int managed) {
  int count = vips_image_get_height(image(frames)) / vips_image_get_page_height(image(frames));
  VipsImage **scaled = g_new0(VipsImage *, count);
  VipsImage *joined = NULL, *kept = NULL;
  int done = 0;
  while (done < count) {
    scaled[done] = scale_frame(frames, done, part, width, height, managed ? "srgb" : NULL);
    if (scaled[done] == NULL) break;
    done += 1;
  }
  if (done == count && vips_arrayjoin(scaled, &joined, count, "across", 1, NULL) == 0)
    kept = vips_image_copy_memory(joined);
  if (kept != NULL) {
    vips_image_set_int(kept, VIPS_META_PAGE_HEIGHT, height);
    vips_image_set_int(kept, VIPS_META_N_PAGES, count);
  }
  g_clear_object(&joined);
  for (int frame = 0; frame < done; frame++) g_object_unref(scaled[frame]);
  g_free(scaled);
  return kept;
}

millrace_picture *millrace_frames_scale(millrace_picture *frames, millrace_rectangle part, int width, int height,
                                        int managed) {
  VipsImage *scaled = scale_frames(frames, part, width, height, managed);
  if (scaled == NULL && managed && is_profile_unusable()) {
    vips_error_clear();
    scaled = scale_frames(frames, part, width, height, 0);
  }
  return picture(scaled);
}

millrace_picture *millrace_picture_cut(millrace_picture *from, millrace_rectangle part) {
  VipsImage *cut = NULL;
  if (vips_extract_area(image(from), &cut, part.left, part.top, part.width, part.height, NULL) != 0) return NULL;
  VipsImage *kept = vips_image_copy_memory(cut);
  g_object_unref(cut);
  return picture(kept);
}

int millrace_picture_find(millrace_picture *from, int by_attention, millrace_rectangle *part) {
  VipsInteresting what = by_attention ? VIPS_INTERESTING_ATTENTION : VIPS_INTERESTING_ENTROPY;
  VipsImage *plain = NULL, *found = NULL;
  if (vips_copy(image(from), &plain, "xoffset", 0, "yoffset", 0, NULL) != 0) return -1;
  int failed = vips_smartcrop(plain, &found, part->width, part->height, "interesting", what, NULL);
  if (!failed) {
    // What was cut away at the left and at the top stands in the part's offsets.
    part->left = -vips_image_get_xoffset(found);
    part->top = -vips_image_get_yoffset(found);
    g_object_unref(found);
  }
  g_object_unref(plain);
  return failed;
}

millrace_picture *millrace_picture_blank(void) {
  VipsImage *blank = NULL;
  vips_black(&blank, 16, 16, "bands", 3, NULL);
  return picture(blank);
}

millrace_picture *millrace_picture_reduce(millrace_picture *from, int width, int height) {
  VipsImage *reduced = NULL;
  if (vips_thumbnail_image(image(from), &reduced, width, "height", height, "size", VIPS_SIZE_DOWN, NULL) != 0)
    return NULL;
  return picture(reduced);
}

millrace_picture *millrace_picture_flatten(millrace_picture *from, double red, double green, double blue) {
  double colour[3] = {red, green, blue};
  VipsArrayDouble *background = vips_array_double_new(colour, 3);
  VipsImage *flat = NULL;
  int failed = vips_flatten(image(from), &flat, "background", background, NULL);
  vips_area_unref(VIPS_AREA(background));
  return failed ? NULL : picture(flat);
}

int millrace_picture_encode_webp(millrace_picture *from, int quality, void **bytes, size_t *count) {
  return vips_webpsave_buffer(image(from), bytes, count, "Q", quality, "strip", TRUE, NULL);
}

int millrace_picture_encode_jpeg(millrace_picture *from, int quality, void **bytes, size_t *count) {
  return vips_jpegsave_buffer(image(from), bytes, count, "Q", quality, "strip", TRUE, "optimize_coding", TRUE, NULL);
}

int millrace_picture_encode_png(millrace_picture *from, void **bytes, size_t *count) {
  return vips_pngsave_buffer(image(from), bytes, count, "strip", TRUE, NULL);
}

int millrace_picture_encode_avif(millrace_picture *from, int quality, void **bytes, size_t *count) {
  return vips_heifsave_buffer(image(from), bytes, count, "Q", quality, "compression",
                              VIPS_FOREIGN_HEIF_COMPRESSION_AV1, "strip", TRUE, NULL);
}

void millrace_vips_free(void *bytes) { g_free(bytes); }
