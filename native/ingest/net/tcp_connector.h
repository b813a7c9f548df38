// Opens the TCP connection to a camera: looks its name up, then tries one address after another.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine_error.h"
#include "ingest/camera_networks.h"
#include "ingest/host_resolver.h"
#include "ingest/net/file_descriptor.h"
#include "ingest/net/ingest_loop.h"

namespace framewell {

// Lives on its loop's thread, held by shared_ptr: a look-up that is given up must not find it gone. Has no deadline of
// its own; whoever waits for it cancels it.
class TcpConnector final : public std::enable_shared_from_this<TcpConnector>, private IngestLoop::SocketHandler {
 public:
  // Hears one of the two for each Connect() and ConnectAgain(), possibly within that call.
  class Listener {
   public:
    virtual ~Listener() = default;
    // `socket` does not block; `camera` is the address that answered.
    virtual void OnConnected(FileDescriptor socket, const HostAddress& camera) = 0;
    virtual void OnConnectFailed(const EngineError& cause) = 0;
  };

  // `listener` outlives every connect that is not cancelled. Only addresses in `networks` are
  // tried; a host without one fails with ERR_CAMERA_NETWORK.
  TcpConnector(IngestLoop& loop, Listener& listener, CameraNetworks networks)
      : loop_(loop), listener_(listener), networks_(std::move(networks)) {}

  void Connect(const std::string& host, uint16_t port);
  // To the host of the last Connect(), beginning with its first address.
  void ConnectAgain();
  // The listener hears nothing more.
  void Cancel();

 private:
  void OnReady(uint32_t epoll_events) override;
  void OnAddresses(const LookUpResult& result);
  void TryNext();
  FileDescriptor TakeSocket();
  // Runs `step`; what it throws is the listener's.
  template <typename Step>
  void Guarded(Step&& step);

  IngestLoop& loop_;
  Listener& listener_;
  const CameraNetworks networks_;
  bool cancelled_ = false;
  std::string host_;
  std::vector<HostAddress> addresses_;  // All of them allowed.
  size_t next_ = 0;
  int error_ = 0;          // Of the address tried last.
  FileDescriptor socket_;  // Watched while it is open.
};

}  // namespace framewell
