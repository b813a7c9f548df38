// A camera received by libavformat: one connection, one thread.
#pragma once

#include <chrono>
#include <stop_token>
#include <string>
#include <thread>

#include "ingest/camera_networks.h"
#include "ingest/packet_source.h"
#include "ingest/rtsp/rtsp_url.h"

namespace framewell {

class LibavWatch;

struct LibavSourceOptions {
  RtspUrl url;
  // How RTP comes: "tcp" (inside the RTSP connection), "udp" or "multicast".
  std::string transport = "tcp";
  // As for our own receiver. While they are restricted only `tcp` can be had.
  CameraNetworks networks;
  // From the look-up of the name to the answer to PLAY.
  std::chrono::milliseconds connect_timeout{10'000};
  // Longest time without an access unit.
  std::chrono::milliseconds stall_timeout{10'000};
};

class LibavSource final : public PacketSource {
 public:
  explicit LibavSource(LibavSourceOptions options) : options_(std::move(options)) {}
  // Waits for the thread: at most libavformat's poll interval plus the time allowed for TEARDOWN.
  ~LibavSource() override { RequestStop(); }

  void Start(PacketSink& sink) override;
  void RequestStop() noexcept override { stop_.request_stop(); }
  void Join() noexcept override {
    if (thread_.joinable()) thread_.join();
  }
  SourceStatus status() const override { return {.ingest = "libav", .reason = {}, .packets = {}}; }

 private:
  void Run(PacketSink& sink) noexcept;
  // One session from connect to its end, which is always an EngineError.
  [[noreturn]] void RunSession(LibavWatch& watch, PacketSink& sink);
  // Follows redirects.
  AvFormatInputPtr Connect(LibavWatch& watch, std::chrono::steady_clock::time_point deadline) const;
  // Null when the camera redirects; `watch` then has to where.
  AvFormatInputPtr OpenUrl(const RtspUrl& url, LibavWatch& watch, std::chrono::steady_clock::time_point deadline) const;
  AvFormatInputPtr Open(const std::string& url, LibavWatch& watch) const;

  const LibavSourceOptions options_;
  std::stop_source stop_;
  std::jthread thread_;  // Last member: joined before anything it uses goes.
};

}  // namespace framewell
