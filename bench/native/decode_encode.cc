// The floor that a full-rate viewer is measured against: what libavcodec takes to decode every frame of a clip, and
// libjpeg-turbo to encode it straight from the planes, without bringing its range and matrix to JPEG's.
// Usage: decode_encode CLIP QUALITY STREAMS ; prints CPU milliseconds a frame: decoding, encoding. With several streams
// of the clip each has a decoder, and they take turns, so that none finds its pictures in the caches.
extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
}

#include <turbojpeg.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <stdexcept>
#include <vector>

namespace {

constexpr int kFrames = 500;

double CpuMs() {
  timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

void Require(bool holds, const char* what) {
  if (!holds) throw std::runtime_error(what);
}

class Encoder {
 public:
  explicit Encoder(int quality) : quality_(quality) {}
  ~Encoder() { tjDestroy(turbo_); }

  void Encode(const AVFrame& frame) {
    Require(frame.format == AV_PIX_FMT_YUV420P, "Expected 4:2:0");
    buffer_.resize(tjBufSize(frame.width, frame.height, TJSAMP_420));
    const unsigned char* planes[3] = {frame.data[0], frame.data[1], frame.data[2]};
    unsigned char* jpeg = buffer_.data();
    unsigned long size = buffer_.size();
    const int error = tjCompressFromYUVPlanes(turbo_, planes, frame.width, frame.linesize, frame.height, TJSAMP_420,
                                              &jpeg, &size, quality_, TJFLAG_NOREALLOC);
    Require(error == 0, "Expected libjpeg-turbo to encode");
  }

 private:
  tjhandle turbo_ = tjInitCompress();
  int quality_;
  std::vector<unsigned char> buffer_;
};

AVFormatContext* Open(const char* path) {
  AVFormatContext* input = nullptr;
  Require(avformat_open_input(&input, path, nullptr, nullptr) == 0, "Expected a clip");
  Require(avformat_find_stream_info(input, nullptr) >= 0, "Expected a clip with video");
  return input;
}

AVCodecContext* OpenDecoder(const AVCodecParameters* parameters) {
  const AVCodec* codec = avcodec_find_decoder(parameters->codec_id);
  AVCodecContext* decoder = avcodec_alloc_context3(codec);
  avcodec_parameters_to_context(decoder, parameters);
  decoder->thread_count = 1;
  Require(avcodec_open2(decoder, codec, nullptr) == 0, "Expected a decoder");
  return decoder;
}

struct Stream {
  explicit Stream(const char* path) : input(Open(path)), decoder(OpenDecoder(input->streams[0]->codecpar)) {}
  AVFormatContext* input;
  AVCodecContext* decoder;
};

// Frame by frame in turns, as a viewer has it, so that each finds the caches as the other leaves them.
void Run(const char* path, int quality, int stream_count) {
  std::vector<Stream> streams;
  for (int i = 0; i < stream_count; ++i) streams.emplace_back(path);
  Encoder encoder(quality);
  AVPacket* packet = av_packet_alloc();
  AVFrame* frame = av_frame_alloc();
  double decode_ms = 0;
  double encode_ms = 0;
  int frames = 0;
  for (size_t turn = 0; frames < kFrames; ++turn) {
    const Stream& stream = streams[turn % streams.size()];
    if (av_read_frame(stream.input, packet) < 0) break;
    const double begin_ms = CpuMs();
    avcodec_send_packet(stream.decoder, packet);
    av_packet_unref(packet);
    const bool decoded = avcodec_receive_frame(stream.decoder, frame) == 0;
    const double decoded_ms = CpuMs();
    decode_ms += decoded_ms - begin_ms;
    if (!decoded) continue;
    encoder.Encode(*frame);
    encode_ms += CpuMs() - decoded_ms;
    ++frames;
  }
  Require(frames > 0, "Expected pictures in the clip");
  std::printf("%.4f %.4f\n", decode_ms / frames, encode_ms / frames);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4 || std::atoi(argv[3]) < 1) {
    std::fprintf(stderr, "Expected: decode_encode CLIP QUALITY STREAMS\n");
    return 2;
  }
  Run(argv[1], std::atoi(argv[2]), std::atoi(argv[3]));
}
