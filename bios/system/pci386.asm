; PCI: what firmware sets up on its bus, and the services of INT 1Ah AH=B1h (PCI BIOS Specification 2.1). Configuration
; mechanism #1, which a 486 and later may have.
        cpu 386

pci_address_port        equ 0xcf8
pci_data_port           equ 0xcfc
pci_enable              equ 0x80000000

ide_ports               equ 0xc000
power_ports             equ 0xb000      ; also told in the board's ACPI tables
frame_buffer            equ 0xe0000000      ; above all memory there can be
facs                    equ 0x3c0       ; in the extended BIOS data area; likewise

; Looks for the bus, and on a 440FX board gives its functions their ports and interrupts and makes the table that ACPI
; wants in RAM. Tables the board has in ROM tell the same places.
init_pci:
        ds_ebda
        mov byte [ebda.pci], 0
        cmp byte [ebda.cpu], cpu_486
        jb .none
        pushad
        mov edx, pci_address_port
        mov eax, pci_enable
        out dx, eax
        in eax, dx
        cmp eax, pci_enable
        jne .done
        mov dx, pci_data_port
        in eax, dx
        inc eax
        jz .done
        mov byte [ebda.pci], 1
        cmp eax, 0x12378086 + 1
        jne .done
        mov si, .settings
.next:
        mov bx, [cs:si]
        mov di, [cs:si + 2]
        mov ecx, [cs:si + 4]
        add si, 8
        call pci_address
        mov eax, ecx
        out dx, eax
        cmp si, .settings_end
        jb .next
        mov dx, 0x4d1                   ; IRQs 10 and 11 are PCI's: level-triggered
        mov al, 0x0c
        out dx, al
        mov dword [facs], 'FACS'
        mov dword [facs + 4], 64
.done:
        popad
.none:
        ret
.settings:                              ; function, register, value
        dw 0x08, 0x60
        dd 0x0b0a0b0a                   ; PIRQA-D to IRQ 10, 11, 10, 11
        dw 0x09, 0x20
        dd ide_ports | 1
        dw 0x09, 0x40
        dd 0x80008000                   ; both channels are decoded
        dw 0x09, 0x04
        dd 0x00000005                   ; ports, bus master
        dw 0x0b, 0x3c
        dd 0x00000109
        dw 0x0b, 0x40
        dd power_ports | 1
        dw 0x0b, 0x80
        dd 0x00000001
        dw 0x10, 0x10
        dd frame_buffer
        dw 0x10, 0x04
        dd 0x00000003                   ; ports, memory
.settings_end:

; Selects register DI of function BX (bus in BH): DX = the port of its byte. Changes EAX.
pci_address:
        movzx eax, bx
        shl eax, 8
        or eax, pci_enable
        mov dx, di
        mov al, dl
        and al, 0xfc
        mov dx, pci_address_port
        out dx, eax
        mov dx, di
        and dx, 3
        add dx, pci_data_port
        ret

; INT 1Ah AH=B1h. AH = 0, or what is wrong and carry. Registers that give nothing back keep what they hold.
int1a_pci:
        push bp
        mov bp, sp
        and byte [bp + 6], ~carry_flag
        cmp al, 0x01
        je .installed
        cmp al, 0x02
        je .find_device
        cmp al, 0x03
        je .find_class
        sub al, 0x08
        cmp al, 0x06
        jb .access
        add al, 0x08
        mov ah, 0x81                    ; no such function
.error:
        or byte [bp + 6], carry_flag
        pop bp
        iret
.good:
        mov ah, 0
        pop bp
        iret

.installed:
        mov edx, 'PCI '
        mov bx, 0x0210
        mov cl, 0                       ; the last bus
        mov al, 0x01                    ; mechanism #1, no special cycles
        jmp .good

; CX = device, DX = vendor, or ECX = class; SI = which of several: BX = the function.
.find_device:
        cmp dx, 0xffff
        mov ah, 0x83
        je .error
        pushad
        shl ecx, 16
        mov cx, dx
        mov di, 0
        jmp .find
.find_class:
        pushad
        shl ecx, 8
        mov di, 8
.find:
        mov bx, 0
.look:
        call pci_address
        in eax, dx
        cmp eax, 0xffffffff
        je .other
        test di, di
        jz .compare
        mov al, 0                       ; the revision does not matter
.compare:
        cmp eax, ecx
        jne .other
        sub si, 1
        jc .found
.other:
        inc bx
        cmp bx, 0x100
        jb .look
        popad
        mov ah, 0x86
        jmp .error
.found:
        mov [bp - 16], bx               ; EBX of PUSHAD
        popad
        jmp .good

; AL = 0-2 read, 3-5 write a byte, word or double word; BX = function, DI = register; CL, CX or ECX.
.access:
        push edx
        push eax
        mov dl, al
        cmp dl, 3
        jb .aligned
        sub dl, 3
.aligned:
        mov ah, 0x87
        cmp di, 0x100
        jae .refuse
        cmp dl, 1
        jb .allowed
        ja .double
        test di, 1
        jnz .refuse
        jmp .allowed
.double:
        test di, 3
        jnz .refuse
.allowed:
        call pci_address
        pop eax
        push eax
        cmp al, 1
        jb .read8
        je .read16
        cmp al, 3
        jb .read32
        je .write8
        cmp al, 5
        jb .write16
        mov eax, ecx
        out dx, eax
        jmp .accessed
.write16:
        mov ax, cx
        out dx, ax
        jmp .accessed
.write8:
        mov al, cl
        out dx, al
        jmp .accessed
.read8:
        in al, dx
        mov cl, al
        jmp .accessed
.read16:
        in ax, dx
        mov cx, ax
        jmp .accessed
.read32:
        in eax, dx
        mov ecx, eax
.accessed:
        pop eax
        pop edx
        add al, 0x08
        jmp .good
.refuse:
        mov dl, ah
        pop eax
        mov ah, dl
        pop edx
        add al, 0x08
        jmp .error

        cpu 8086
