# SPDX-License-Identifier: Apache-2.0
# flatc's UnPack functions hold what they return in a unique_ptr for a moment. These 176 instantiations
# are more than half of what circle_generated.h costs each source (4.4 s of g++, 2.0 s without), and
# serve exceptions only: plain pointers will do.
/auto _o = std::unique_ptr<(\w+)>\(new \1\(\)\);/{
  s/std::unique_ptr<(\w+)>\(new \1\(\)\)/new \1()/
  N
  N
  s/_o\.get\(\)/_o/
  s/_o\.release\(\)/_o/
}
