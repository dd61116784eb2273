/// \file
/// The interface between the worker and native modules: IIS 7's names, numbers and interface order.
///
/// A module is a shared object that exports RegisterModule(). The configuration names it in <globalModules>
/// and <modules>; what it does not name is not loaded. What Osmia offers beyond IIS is in osmia_host.h.
///
/// Strings marked PCWSTR are UTF-16: compile modules with -fshort-wchar if they use L"" literals (osmia-cc
/// does). Physical paths are POSIX paths. Exceptions must not leave a module; the worker turns one that does
/// into status 500.
#ifndef OSMIA_SDK_HTTPSERV_H
#define OSMIA_SDK_HTTPSERV_H

#include <windows.h>

#include <http.h>
#include <iis/interface_ids.h>
#include <iis/module.h>

/// Asks for a later version of an interface, as IIS 7.5 does: HttpGetExtendedInterface(server, request,
/// &request2).
template <class HttpType1, class HttpType2>
HRESULT HttpGetExtendedInterface(IHttpServer* pHttpServer, HttpType1* pInput, HttpType2** ppOutput) {
    PVOID pServer2 = nullptr;
    const HRESULT hr = pHttpServer->GetExtendedInterface(HTTP_SERVER_INTERFACE_V2, &pServer2);
    if (FAILED(hr)) return hr;
    return static_cast<IHttpServer2*>(pServer2)->GetExtendedInterface(
        OsmiaInterfaceId<HttpType1>::value, pInput, OsmiaInterfaceId<HttpType2>::value,
        reinterpret_cast<PVOID*>(ppOutput));
}

#endif
