// compare rgb <clip.yuv> <WxH> <out.rgb>         the clip as RGB, for sharp-encode.ts
// compare table <clip.yuv> <WxH> <quality> <dir>  Markdown tables, with sharp's results from <dir>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "clip.h"
#include "jpeg/jfif_converter.h"
#include "jpeg/jpeg_encoder.h"
#include "mjpeg_encoder.h"

namespace framewell::bench {
namespace {

constexpr int kThumbnailWidth = 320;
constexpr int kFinestQscale = 2;

struct Result {
  double cpu_ms;
  std::vector<Bytes> jpegs;
};

template <typename Encode>
Result Measure(const std::vector<AvFramePtr>& clip, Encode encode) {
  Result result = {0, std::vector<Bytes>(clip.size())};
  result.cpu_ms = CpuMsPerFrame(clip.size(), [&](size_t i) { result.jpegs[i] = encode(*clip[i]); });
  return result;
}

Likeness LikenessOf(const Result& result, const std::vector<Planes>& references) {
  std::vector<Planes> pictures;
  for (const Bytes& jpeg : result.jpegs) pictures.push_back(DecodeJpeg(jpeg));
  return Compare(pictures, references);
}

void PrintRow(const std::string& name, const Result& result, const std::vector<Planes>& references) {
  size_t bytes = 0;
  for (const Bytes& jpeg : result.jpegs) bytes += jpeg.size();
  const Likeness likeness = LikenessOf(result, references);
  std::printf("| %s | %.2f | %zu | %.2f | %.2f |\n", name.c_str(), result.cpu_ms, bytes / result.jpegs.size(),
              likeness.luma, likeness.all);
}

Result MeasureOurs(const std::vector<AvFramePtr>& clip, const JpegOptions& options) {
  JpegEncoder encoder;
  return Measure(clip, [&](const AVFrame& frame) {
    const JpegBytes jpeg = encoder.Encode(frame, options);
    return Bytes(jpeg.data(), jpeg.data() + jpeg.size());
  });
}

// The coarsest qscale whose luma is as good as `target_db` or better. Returns what it reached.
double PrintMjpeg(const std::vector<AvFramePtr>& clip, const char* huffman, double target_db,
                  const std::vector<Planes>& references) {
  const PictureSize size = {clip[0]->width, clip[0]->height};
  for (int qscale = 31;; --qscale) {
    MjpegEncoder encoder(size, qscale, huffman);
    Result once = {0, {}};
    for (const AvFramePtr& frame : clip) once.jpegs.push_back(encoder.Encode(*frame));
    const double reached_db = LikenessOf(once, references).luma;
    if (reached_db < target_db && qscale > kFinestQscale) continue;
    const Result result = Measure(clip, [&](const AVFrame& frame) { return encoder.Encode(frame); });
    PrintRow("FFmpeg mjpeg, q " + std::to_string(qscale) + ", " + huffman + " Huffman", result, references);
    return reached_db;
  }
}

// FFmpeg's few quality steps overshoot ours; this is ours at what they reached.
void PrintOursAt(const std::vector<AvFramePtr>& clip, double target_db, const std::vector<Planes>& references) {
  JpegEncoder encoder;
  for (int quality = 1; quality <= 100; ++quality) {
    Result once = {0, {}};
    for (const AvFramePtr& frame : clip) {
      const JpegBytes jpeg = encoder.Encode(*frame, {.quality = quality});
      once.jpegs.emplace_back(jpeg.data(), jpeg.data() + jpeg.size());
    }
    if (LikenessOf(once, references).luma < target_db) continue;
    PrintRow("libjpeg-turbo at FFmpeg's PSNR-Y, quality " + std::to_string(quality),
             MeasureOurs(clip, {.quality = quality}), references);
    return;
  }
}

// <dir>/<name>.ms holds sharp's time for a frame, <dir>/<name>.<i>.jpg its pictures.
void PrintSharp(const std::string& dir, const std::string& name, const std::string& label, double rgb_ms,
                const std::vector<Planes>& references) {
  Result result = {0, {}};
  std::ifstream(dir + "/" + name + ".ms") >> result.cpu_ms;
  for (size_t i = 0; i < references.size(); ++i) {
    std::ifstream file(dir + "/" + name + "." + std::to_string(i) + ".jpg", std::ios::binary);
    result.jpegs.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  result.cpu_ms += rgb_ms;
  PrintRow(label, result, references);
}

void PrintHeader(const std::string& title) {
  std::printf("\n%s\n\n| encoder | CPU ms/frame | bytes | PSNR-Y dB | PSNR dB |\n", title.c_str());
  std::printf("|---|---:|---:|---:|---:|\n");
}

void PrintTables(const std::vector<AvFramePtr>& clip, int quality, const std::string& sharp_dir) {
  const PictureSize size = {clip[0]->width, clip[0]->height};
  const std::string name = std::to_string(size.width) + "x" + std::to_string(size.height);
  const double rgb_ms = CpuMsPerFrame(clip.size(), [&](size_t i) { ToRgb(*clip[i]); });

  std::vector<Planes> references;
  for (const AvFramePtr& frame : clip) references.push_back(ReferencePlanes(*frame, size));
  PrintHeader(name + ", quality " + std::to_string(quality));
  const Result ours = MeasureOurs(clip, {.quality = quality});
  PrintRow("**libjpeg-turbo from planes (ours)**", ours, references);
  // libjpeg-turbo's own switch, read at every picture.
  setenv("TJ_OPTIMIZE", "1", 1);
  PrintRow("the same, optimised Huffman", MeasureOurs(clip, {.quality = quality}), references);
  unsetenv("TJ_OPTIMIZE");
  const double ours_db = LikenessOf(ours, references).luma;
  PrintMjpeg(clip, "default", ours_db, references);
  PrintOursAt(clip, PrintMjpeg(clip, "optimal", ours_db, references), references);
  PrintSharp(sharp_dir, "plain", "sharp from RGB", rgb_ms, references);
  PrintSharp(sharp_dir, "optimised", "sharp from RGB, optimised coding", rgb_ms, references);

  const PictureSize small = FitInside(size, kThumbnailWidth, 0);
  std::vector<Planes> small_references;
  for (const AvFramePtr& frame : clip) {
    small_references.push_back(ReferenceScaledPlanes(*frame, small));
  }
  PrintHeader(name + " to " + std::to_string(small.width) + "x" + std::to_string(small.height) + ", quality " +
              std::to_string(quality));
  PrintRow("**zimg, then libjpeg-turbo (ours)**", MeasureOurs(clip, {.quality = quality, .max_width = kThumbnailWidth}),
           small_references);
  PrintSharp(sharp_dir, "small", "sharp from RGB", rgb_ms, small_references);
  PrintSharp(sharp_dir, "small-optimised", "sharp from RGB, optimised coding", rgb_ms, small_references);

  JfifConverter converter;
  ZimgConverter zimg;
  const auto convert = [&](AVColorSpace matrix, bool by_zimg) {
    return CpuMsPerFrame(clip.size(), [&](size_t i) {
      clip[i]->colorspace = matrix;
      if (by_zimg) {
        zimg.Convert(*clip[i], ResolveColor(*clip[i]), {WholeRegion(size), size});
      } else {
        converter.Convert(*clip[i], {WholeRegion(size), size});
      }
    });
  };
  std::printf("\n%s, limited range to JFIF, without compression\n\n", name.c_str());
  std::printf("| from | our kernel ms | zimg ms |\n|---|---:|---:|\n");
  std::printf("| BT.709 | %.3f | %.3f |\n", convert(AVCOL_SPC_BT709, false), convert(AVCOL_SPC_BT709, true));
  std::printf("| BT.601 | %.3f | %.3f |\n", convert(AVCOL_SPC_SMPTE170M, false), convert(AVCOL_SPC_SMPTE170M, true));
  std::printf("\nYCbCr to RGB by libswscale, contained in sharp's times: %.2f ms\n", rgb_ms);
}

PictureSize ParseSize(const char* text) {
  PictureSize size = {};
  if (std::sscanf(text, "%dx%d", &size.width, &size.height) != 2) {
    throw std::invalid_argument(std::string("Expected WxH but received ") + text);
  }
  return size;
}

}  // namespace
}  // namespace framewell::bench

int main(int argc, char** argv) {
  using namespace framewell::bench;
  const std::string command = argc > 1 ? argv[1] : "";
  if (command == "rgb" && argc == 5) {
    std::ofstream out(argv[4], std::ios::binary);
    for (const auto& frame : LoadClip(argv[2], ParseSize(argv[3]))) {
      const Bytes rgb = ToRgb(*frame);
      out.write(reinterpret_cast<const char*>(rgb.data()), static_cast<std::streamsize>(rgb.size()));
    }
  } else if (command == "table" && argc == 6) {
    PrintTables(LoadClip(argv[2], ParseSize(argv[3])), std::atoi(argv[4]), argv[5]);
  } else {
    std::fprintf(stderr, "Expected: compare rgb|table <clip> <WxH> ...\n");
    return 2;
  }
}
