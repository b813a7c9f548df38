// The floor that an idle camera is measured against: libavformat as it is, a thread a camera, packets read and
// dropped. Usage: demux_loop URL... ; runs until SIGTERM. Prints "ready" when every camera is open.
extern "C" {
#include <libavformat/avformat.h>
}

#include <atomic>
#include <csignal>
#include <cstdio>
#include <thread>
#include <vector>

namespace {

void Demux(const char* url, std::atomic<int>& opening) {
  AVDictionary* options = nullptr;
  av_dict_set(&options, "rtsp_transport", "tcp", 0);
  av_dict_set(&options, "allowed_media_types", "video", 0);
  AVFormatContext* input = nullptr;
  const int error = avformat_open_input(&input, url, nullptr, &options);
  av_dict_free(&options);
  if (error < 0) {
    std::fprintf(stderr, "Expected to open %s\n", url);
    std::_Exit(1);
  }
  if (--opening == 0) {
    std::puts("ready");
    std::fflush(stdout);
  }
  AVPacket* packet = av_packet_alloc();
  while (av_read_frame(input, packet) >= 0) av_packet_unref(packet);
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGTERM, [](int) { std::_Exit(0); });
  av_log_set_level(AV_LOG_QUIET);
  std::atomic<int> opening = argc - 1;
  std::vector<std::thread> threads;
  for (int i = 1; i < argc; ++i) threads.emplace_back(Demux, argv[i], std::ref(opening));
  for (std::thread& thread : threads) thread.join();
}
