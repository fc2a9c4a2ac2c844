// One process at a time on a data folder: an exclusive flock on DIR/LOCK.orderly, which the kernel lets go of when the
// process ends, however it ends.
#pragma once

#include <string>

namespace orderly::embedded {

class FolderLock {
 public:
  // Makes the folder when it is not there. Throws Error(kUnavailable): "data-folder-in-use" naming the folder when
  // another holds it (in this process too), "data-folder-unusable".
  explicit FolderLock(const std::string& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int descriptor_ = -1;
};

}  // namespace orderly::embedded
