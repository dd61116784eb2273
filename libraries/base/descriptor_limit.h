/// \file
/// How many descriptors this process may have.
#pragma once

namespace osmia {

/// Raises the limit as far as it may go. A failure leaves it as it is.
void allow_many_descriptors();

}  // namespace osmia
