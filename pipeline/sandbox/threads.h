#pragma once

#include <functional>
#include <thread>
#include <vector>

namespace longtake::sandbox {

/// Starts `count` threads that run `work`. If one cannot be started, `stop` is called, which must make `work` return,
/// the others are joined, and Error(internal) says so; `purpose` names the threads in it.
void start_threads(std::vector<std::thread>& threads, int count, const char* purpose, const std::function<void()>& work,
                   const std::function<void()>& stop);

} // namespace longtake::sandbox
