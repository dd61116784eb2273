{ The smallest useful extension, in Free Pascal: fpc -Cg -ohello_pascal.so hello_pascal.pas }
{$mode objfpc}{$packrecords c}
library hello_pascal;

const
  HSE_STATUS_SUCCESS = 1;
  HSE_IO_SYNC = 1;
  HSE_REQ_SEND_RESPONSE_HEADER = 3;

type
  THseVersionInfo = record
    ExtensionVersion: LongWord;
    ExtensionDesc: array[0..255] of AnsiChar;
  end;

  PExtensionControlBlock = ^TExtensionControlBlock;
  TGetServerVariable = function(Connection: Pointer; Name: PAnsiChar; Buffer: Pointer; Size: PLongWord): LongInt; cdecl;
  TWriteClient = function(Connection: Pointer; Buffer: Pointer; Bytes: PLongWord; Flags: LongWord): LongInt; cdecl;
  TReadClient = function(Connection: Pointer; Buffer: Pointer; Size: PLongWord): LongInt; cdecl;
  TServerSupportFunction = function(Connection: Pointer; Code: LongWord; Buffer: Pointer; Size: PLongWord;
    DataType: PAnsiChar): LongInt; cdecl;

  TExtensionControlBlock = record
    Size, Version: LongWord;
    ConnID: Pointer;
    HttpStatusCode: LongWord;
    LogData: array[0..79] of AnsiChar;
    Method, QueryString, PathInfo, PathTranslated: PAnsiChar;
    TotalBytes, AvailableBytes: LongWord;
    Data: Pointer;
    ContentType: PAnsiChar;
    GetServerVariable: TGetServerVariable;
    WriteClient: TWriteClient;
    ReadClient: TReadClient;
    ServerSupportFunction: TServerSupportFunction;
  end;

function GetExtensionVersion(var Version: THseVersionInfo): LongInt; cdecl;
begin
  Version.ExtensionVersion := $00010000;
  Version.ExtensionDesc := 'Hello from Pascal';
  Result := 1;
end;

function HttpExtensionProc(Ecb: PExtensionControlBlock): LongWord; cdecl;
const
  Text: PAnsiChar = 'Hello from Pascal!'#10;
var
  Size: LongWord;
begin
  Ecb^.ServerSupportFunction(Ecb^.ConnID, HSE_REQ_SEND_RESPONSE_HEADER, PAnsiChar('200 OK'), nil,
    PAnsiChar('Content-Type: text/plain'#13#10#13#10));
  Size := Length(Text);
  Ecb^.WriteClient(Ecb^.ConnID, Text, @Size, HSE_IO_SYNC);
  Result := HSE_STATUS_SUCCESS;
end;

exports
  GetExtensionVersion, HttpExtensionProc;

begin
end.
